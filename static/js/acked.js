// What the server has said that it keeps, left on this device for a while all the same, sealed: a server that was set back to
// an older copy of itself has lost what came after that copy, and nobody else has it. Asked for whenever a visit is opened.

import { transaction } from "./database.js";
import { again, rowName } from "./rows.js";
import * as vault from "./vault.js";

const KEPT = 14 * 24 * 3_600_000;
const MOST = 2 ** 30; // octets of photos, which go first where room is short

/** In a transaction that takes them from `rows` and `files`: keep a row, or a file whose bytes stay where they are. Returns
 *  whether it is kept: nothing is that stands there in clear. */
export const keepRow = (store, entry) => keep(store, entry, { id: entry.row.id, entry });
export const keepFile = (store, line) => keep(store, line, { id: line.key, line, octets: line.size });

function keep(store, { user, inspection, sealed }, what) {
  if (sealed) store("acked").put({ ...what, of: [user, inspection], at: Date.now() });
  return Boolean(sealed);
}

const old = ({ at }) => Date.now() - at > KEPT;

/** Give up the photos that were kept for long enough, the oldest beyond MOST, or all of them where room is `short`. */
export function tidy(short = false) {
  return transaction(["acked", "files", "bytes"], "readwrite", (store) => {
    store("acked").index("octets").getAll().onsuccess = ({ target }) => {
      let sum = 0;
      for (const file of target.result.sort((a, b) => b.at - a.at)) if (short || old(file) || (sum += file.octets) > MOST) drop(store, file.id);
    };
  }).catch(() => {});
}

function drop(store, id) {
  store("acked").delete(id);
  store("files").getKey(id).onsuccess = ({ target }) => { if (target.result === undefined) store("bytes").delete(id); }; // else they are to be sent
}

/** The visits of a person of which something is kept. */
export async function visits(user) {
  const found = [];
  await transaction(["acked"], "readonly", (store) => {
    store("acked").index("of").openKeyCursor(IDBKeyRange.bound([user], [user, []]), "nextunique").onsuccess = ({ target: { result: cursor } }) => {
      if (!cursor) return;
      found.push(cursor.key[1]);
      cursor.continue();
    };
  });
  return found;
}

/** Have what the server does not have any more of a visit sent again. Resolves to how many rows and files that is. Throws
 *  Trouble or Refused, as the line does. */
export async function bringBack({ inspection, user, link, here }) {
  const all = await transaction(["acked"], "readonly", (store) => store("acked").index("of").getAll([user, inspection]));
  const kept = all.filter((one) => !old(one));
  if (kept.length < all.length) await transaction(["acked", "files", "bytes"], "readwrite", (store) => { for (const { id } of all.filter(old)) drop(store, id); });
  if (!kept.length) return 0;
  const asked = {};
  for (const { id, entry } of kept) if (entry) (asked[entry.kind] ??= []).push(id);
  await link.hello();
  const { rows, originals } = await link.ask(`${here}/absent`, { method: "POST", json: asked });
  const [lost, away] = [new Set(rows), new Set(originals)];
  const wanted = ({ photo, photos = { [photo]: true }, role, sha256 }) => (role === "original" && away.has(sha256)) || Object.keys(photos).some((id) => lost.has(id));
  const back = [];
  for (const one of kept) if (one.entry ? lost.has(one.id) && await opens(one.entry) : wanted(one.line)) back.push(one);
  if (back.length) await transaction(["acked", "rows", "files"], "readwrite", (store) => { for (const one of back) putBack(store, one); });
  back.forEach(({ id }) => again(id));
  return back.length;
}

/** With the key that is here now: a server set up anew makes others, and what was sealed for another one is not its. */
const opens = (entry) => vault.show(entry.user, rowName(entry), entry).then(() => true, () => false);

/** In its old place, so that rows go in the order in which they were made. */
function putBack(store, { id, entry, line }) {
  const there = entry ? store("rows").index("id").getKey(id) : store("files").getKey(id);
  there.onsuccess = () => {
    if (there.result === undefined) store(entry ? "rows" : "files").put({ ...(entry ?? line), state: "waiting" });
    store("acked").delete(id);
  };
}
