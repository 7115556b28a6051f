// Sends from the day page what visits left on this device: an inspector need not open each of them for that.

import * as acked from "./acked.js";
import { releaseLeft } from "./heldback.js";
import { Link, Refused } from "./link.js";
import { Outbox } from "./outbox.js";
import { waiting } from "./rows.js";
import { fact, setFact } from "./store.js";
import { unlocked } from "./vault.js";
import { changed, mayGo } from "./wifi.js";

const HOUR = 3_600_000;
const outboxes = new Map(); // visit → its outbox
let pressed = false; // a person does not want to wait for Wi-Fi

/** Send what waits of these visits; `counted(visit, n, resting)` whenever something has arrived: so much is left, and of
 *  that so many originals wait for Wi-Fi. */
export function deliver(visits, user, counted) {
  for (const visit of visits) if (!outboxes.has(visit)) begin(visit, user, counted);
}

/** What a server that was set back to an older copy has lost of anything that was sent from here, to be sent again; asked for
 *  once an hour. Resolves to whether there is any. */
export async function recall(user) {
  if (Math.abs(Date.now() - (await fact(`recalled ${user}`) ?? 0)) < HOUR) return false;
  const link = new Link("/sync", user);
  let any = 0;
  for (const inspection of await acked.visits(user)) {
    any += await acked.bringBack({ inspection, user, link, here: `/sync/inspections/${inspection}` }).catch((error) => {
      if (!(error instanceof Refused) && error.kind !== "gone") throw error;
      return 0; // the visit is somebody else's now: the others are asked for all the same
    });
  }
  await setFact(`recalled ${user}`, Date.now());
  return any > 0;
}

/** The originals too, now. */
export function hurry() {
  pressed = true;
  for (const outbox of outboxes.values()) outbox.kick(true);
}

changed(() => { for (const outbox of outboxes.values()) if (outbox.resting) outbox.kick(true); });

/** Do it if no page is open that writes at this visit: see alone.js. */
function unwritten(inspection, work) {
  if (!navigator.locks) return work();
  return navigator.locks.request(`capture:${inspection}`, { ifAvailable: true }, (free) => free && work());
}

function begin(inspection, user, counted) {
  const outbox = new Outbox({ known: new Set(), sync: "/sync", inspection, user, tell: { row() {}, file() {}, status: said } });
  outboxes.set(inspection, outbox);

  async function said(status) {
    const { rows, files, locked } = await waiting(inspection, user);
    outbox.owes = rows.some(({ state }) => state === "waiting");
    if (rows.some(({ state }) => state === "held")) unwritten(inspection, () => releaseLeft(inspection, user).then((any) => any && outbox.kick()));
    counted(inspection, rows.length + locked + files.filter(({ role }) => role === "original").length, outbox.held ? 0 : outbox.resting);
    if (status !== "sending") for (const other of outboxes.values()) if (other !== outbox && other.held) other.kick(status === "idle");
  }

  /** The answers of every visit go before the originals of any. */
  outbox.originalsMaySend = async () => {
    outbox.held = [...outboxes.values()].some((other) => other !== outbox && other.running && other.owes !== false);
    return !outbox.held && (pressed || mayGo());
  };
  outbox.kick(true);
  unlocked(user).then(() => outbox.kick(true));
}
