// What the server has said that it keeps, left on this device for a while all the same, sealed: a server that was set back to
// an older copy of itself has lost what came after that copy, and nobody else has it. Asked for whenever a visit is opened.

import { transaction } from "./database.js";
import { again, hidden, rowName } from "./rows.js";
import * as vault from "./vault.js";

const KEPT = 14 * 24 * 3_600_000;
const MOST = 2 ** 30; // octets of photos, which go first where room is short
const PATIENCE = 15_000; // what is to be sent waits meanwhile

/** In a transaction that takes them from `rows` and `files`: keep a row (`said`: when the server said that it keeps it, by the
 *  server's clock), or a file whose bytes stay where they are. Returns whether it is kept: nothing is that stands there in clear. */
export const keepRow = (store, entry, said) => keep(store, entry, { id: entry.row.id, entry, said });
export const keepFile = (store, line) => keep(store, line, { id: line.key, line, octets: line.size });

function keep(store, { user, inspection, sealed }, what) {
  if (sealed) store("acked").put({ ...what, of: [user, inspection], at: Date.now() });
  return Boolean(sealed);
}

const old = ({ at }) => Date.now() - at > KEPT;

/** Give up the photos that were kept for long enough, what is beyond MOST, and so many octets where room is `short`; the oldest
 *  first, and no more than that: Chromium (150) puts new ones in their place, but says for ever that it is taken. Resolves to
 *  the octets given up. */
export async function tidy(short = 0) {
  let given = 0;
  await transaction(["acked", "files", "bytes"], "readwrite", (store) => {
    store("acked").index("octets").getAll().onsuccess = ({ target: { result: files } }) => {
      const all = sum(files);
      given = 0;
      for (const file of files.sort((a, b) => a.at - b.at)) {
        if (given >= short && !old(file) && all - given <= MOST) continue;
        drop(store, file.id);
        given += file.octets;
      }
    };
  }).catch(() => {});
  return given;
}

/** So many octets of photos can be given up. */
export const spare = () => transaction(["acked"], "readonly", (store) => store("acked").index("octets").getAll()).then(sum, () => 0);
const sum = (files) => files.reduce((all, { octets }) => all + octets, 0);

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

/** Have what the server does not have any more of a visit sent again, while nobody on this device sends anything. Resolves to
 *  how many rows and files that is. Throws Trouble or Refused, as the line does. */
export const bringBack = (visit) => (navigator.locks ? navigator.locks.request("outbox", () => fetchBack(visit)) : fetchBack(visit));

async function fetchBack({ inspection, user, link, here }) {
  const all = await transaction(["acked"], "readonly", (store) => store("acked").index("of").getAll([user, inspection]));
  const kept = all.filter((one) => !old(one));
  if (kept.length < all.length) await transaction(["acked", "files", "bytes"], "readwrite", (store) => { for (const { id } of all.filter(old)) drop(store, id); });
  if (!kept.length) return 0;
  const absent = (json) => link.ask(`${here}/absent`, { method: "POST", json, within: PATIENCE });
  const entries = kept.flatMap(({ entry }) => entry ?? []), asked = {};
  for (const { kind, row } of entries) (asked[kind] ??= []).push(row.id);
  await link.hello();
  const { rows: gone, originals } = await absent(asked);
  const [lost, away] = [new Set(gone), new Set(originals)];
  const rows = lost.size ? await sendable(entries, lost, absent) : [];
  const back = new Set(rows.map(({ row }) => row.id));
  const wanted = ({ photo, photos = { [photo]: true }, role, sha256 }) => (role === "original" && away.has(sha256)) || Object.keys(photos).some((id) => back.has(id));
  for (const { id, line } of kept) if (line && wanted(line)) back.add(id);
  const moments = new Map(kept.map(({ id, said, at }) => [id, new Date(said ?? at - link.clock).toISOString()]));
  const dated = await Promise.all(rows.map(({ sealed, ...entry }) => hidden({ ...entry, row: { kept_at: moments.get(entry.row.id), ...entry.row } })));
  const anew = new Map(dated.map((entry) => [entry.id, entry]));
  if (back.size) await transaction(["acked", "rows", "files"], "readwrite", (store) => { for (const id of back) putBack(store, id, anew.get(id)); });
  back.forEach(again);
  return back.size;
}

/** The lost rows that can be sent again, opened: those of a key that is here (a server set up anew makes others), but for
 *  those that would take the place of what their author said later, and those about what the server does not have either. */
async function sendable(entries, lost, absent) {
  const opened = (await Promise.all(entries.map(opens))).filter(Boolean).sort((a, b) => b.n - a.n);
  const needed = new Set(opened.filter(({ row }) => lost.has(row.id)).map(({ row }) => base(row)));
  const later = new Set(), back = new Map();
  for (const entry of opened) {
    const { kind, row } = entry;
    const subject = `${kind} ${row.item ?? row.kind}`;
    if (!lost.has(row.id)) later.add(subject);
    else if (!REPLACING.has(kind) || !later.has(subject) || needed.has(row.id)) back.set(row.id, entry);
  }
  const others = (name) => [...new Set([...back.values()].map(({ row }) => row[name]))].filter((id) => id && !back.has(id));
  const asked = { photos: others("photo"), meetings: others("meeting") };
  const gone = new Set(asked.photos.length + asked.meetings.length ? (await absent(asked)).rows : []);
  return [...back.values()].filter(({ row }) => !gone.has(base(row)));
}

const REPLACING = new Set(["answers", "equipment", "remarks", "meetings"]); // of which the last one counts
const base = ({ photo, meeting }) => photo ?? meeting;

/** An entry with its row; null where the key is another one or not here. */
const opens = (entry) => vault.show(entry.user, rowName(entry), entry).then((row) => ({ ...entry, row }), () => null);

/** In its old place, so that rows go in the order in which they were made; a row as it is `anew`, saying when it was kept: what
 *  was said of the same since must not give way to it. */
function putBack(store, id, anew) {
  store("acked").get(id).onsuccess = ({ target: { result: kept } }) => {
    if (!kept) return; // given up meanwhile
    const name = kept.entry ? "rows" : "files";
    const there = kept.entry ? store(name).index("id").getKey(id) : store(name).getKey(id);
    there.onsuccess = () => { if (there.result === undefined) store(name).put({ ...(anew ?? kept.line), state: "waiting" }); };
    store("acked").delete(id);
  };
}
