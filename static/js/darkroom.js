// The worker that takes photos in, so that taps never wait. One photo at a time: whoever asks waits for the answer.

import * as work from "./shrink.js";

addEventListener("message", async ({ data }) => {
  const { n } = data;
  try {
    const done = await work[data.work](data, (thumb) => postMessage({ n, thumb }));
    postMessage({ n, done }, [done.buffer, done.working].filter(Boolean));
  } catch (why) {
    postMessage({ n, why: { say: why?.say } });
  }
});
