// The worker that takes photos in and knows how much room there is, so that taps never wait.

import * as probe from "./probe.js";
import * as shrink from "./shrink.js";

const WORK = { develop: shrink.develop, miniature: shrink.miniature, fits: probe.fits, left: probe.left };

postMessage({ there: true });
addEventListener("message", async ({ data }) => {
  const { n } = data;
  try {
    const done = await WORK[data.work](data, (early) => postMessage({ n, early }));
    postMessage({ n, done }, [done.buffer, done.working].filter(Boolean));
  } catch (why) {
    postMessage({ n, why: { say: why?.say } });
  }
});
