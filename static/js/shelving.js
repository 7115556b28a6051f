// What is not to be sent after all: refused and answered anew, or withdrawn.

import { mark } from "./rows.js";
import { forget, held, sender, shelved, track } from "./sending.js";
import { markFilesOf } from "./store.js";

/** A refused or withdrawn row stays on the device but is no longer sent; `back` takes that back. */
export async function supersede(id, back = false) {
  const state = back ? "waiting" : "superseded";
  await mark(new Map([[id, { state }]]));
  const on = held(id)?.on ?? shelved.get(id);
  for (const key of await markFilesOf(id, state)) if (back) track(key, null, "device"); else forget(key);
  if (!back) {
    shelved.set(id, on);
    return forget(id);
  }
  track(id, on, "device");
  sender()?.kick(true);
}
