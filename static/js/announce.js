// Telling the server what this tablet still holds of a visit, and hearing what has arrived: both sides then say the same.

import * as store from "./store.js";
import { device } from "./vault.js";

/** How much of the visit is only here: {answers, others, photos, originals}. */
export async function held({ inspection, user }) {
  const { rows, files } = await store.waiting(inspection, user);
  const of = (...kinds) => rows.filter((entry) => kinds.includes(entry.kind)).length;
  const [answers, photos] = [of("answers"), of("photos")];
  return { answers, photos, others: rows.length - answers - photos, originals: files.filter((file) => file.role === "original").length };
}

/** Announce what is held, unless that was said already; keeps what the server has received in `outbox.received`. */
export async function announce(outbox, always = false) {
  const { link } = outbox;
  const unsent = await held(outbox);
  const said = JSON.stringify(unsent);
  if (said === outbox.announced && !always) return;
  const { platform = navigator.platform } = navigator.userAgentData ?? {};
  const own = await device();
  const told = await link.ask(`${outbox.here}/device`, { method: "POST", keepalive: true, json: {
    device: own, name: `${platform} ${own.slice(0, 4)}`, unsent, clock_offset_ms: link.clock ?? 0, app_version: outbox.version } });
  Object.assign(outbox, { announced: said, received: told.received, answered: new Date() });
}
