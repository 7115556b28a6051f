// What is not to be sent after all: refused and answered anew, or withdrawn.

import { transaction } from "./database.js";
import { latest } from "./extras.js";
import { known } from "./rows.js";
import { forget, held, lookers, sender, shelved, things, track } from "./sending.js";
import { markWhole } from "./store.js";

const page = document.body.dataset;
const BOXES = { equipment: "equipment", remarks: "remark" };
let items = new Map();

/** Begin: whenever something has changed. */
export function begin(visit) {
  items = visit.items;
  lookers.add(passOver);
}

/** What was refused and has been said anew since: it would be shown over that, and the visit could never be handed in. */
function passOver() {
  for (const [id, { state }] of things) {
    const now = state === "refused" && newest(known.get(id));
    if (now && now !== id) supersede(id);
  }
}

/** The last row from here about what an entry is about; nothing where others may stand beside it, or a colleague's is shown. */
function newest({ kind, row } = {}) {
  if (kind === "answers") return items.get(row.item)?.row;
  return kind in BOXES && latest.get(document.querySelector(`[data-${BOXES[kind]}="${row.kind}"]`));
}

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

/** The original of a photo that is out of the findings is not sent any more; `back` takes that back. */
export async function shelveOriginal(photo, back = false) {
  const { keys } = await markWhole(photo, back ? "waiting" : "superseded");
  for (const key of keys) if (back) track(key, null, "device"); else forget(key);
  if (back && keys.length) sender().kick(true);
}

/** The photos that were withdrawn here. The server may have one all the same: its answer was lost on the way, or the page that
 *  would have heard it died before. */
export async function withdrawn() {
  const rows = await transaction(["rows"], "readonly", (store) => store("rows").getAll()).catch(() => []);
  const mine = ({ user, inspection, kind, state }) => user === page.user && inspection === page.inspection && kind === "photos" && state === "superseded";
  return rows.filter(mine).map(({ row }) => row.id);
}
