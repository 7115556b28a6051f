// What is not to be sent after all: refused and answered anew, or withdrawn.

import { transaction } from "./database.js";
import { forget, held, sender, shelved, track } from "./sending.js";
import { markWhole } from "./store.js";

const page = document.body.dataset;

/** A refused or withdrawn row stays on the device but is no longer sent; `back` takes that back. Resolves to whether the
 *  server has it already, because another page here sent it. */
export async function supersede(id, back = false) {
  const state = back ? "waiting" : "superseded";
  const { keys, sent } = await markWhole(id, state);
  const on = held(id)?.on ?? shelved.get(id);
  for (const key of keys) if (back) track(key, null, "device"); else forget(key);
  if (back) {
    track(id, on, "device");
    sender()?.kick(true);
  } else {
    shelved.set(id, on);
    forget(id);
  }
  return sent;
}

/** The photos that were withdrawn here. The server may have one all the same: its answer was lost on the way, or the page that
 *  would have heard it died before. */
export async function withdrawn() {
  const rows = await transaction(["rows"], "readonly", (store) => store("rows").getAll()).catch(() => []);
  const mine = ({ user, inspection, kind, state }) => user === page.user && inspection === page.inspection && kind === "photos" && state === "superseded";
  return rows.filter(mine).map(({ row }) => row.id);
}
