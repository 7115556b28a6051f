// The rows that the server has not yet, sealed for their owner. Nothing is called saved before its transaction has
// completed; without IndexedDB everything lives in memory, and `durable()` says so until rescue() has brought it over.

import { transaction } from "./database.js";
import * as vault from "./vault.js";

/** What only this page has; `spent`: the room held back for answers is in use (since when, if an answer needed it); `photo`:
 *  what takes up room just now, and is no answer. */
export const memory = { rows: [], files: [], bytes: new Map(), broken: false, spent: false, photo: null };
/** id → entry, and key → line of a file, as this page knows them: nothing is opened twice, and what the browser threw
 *  away behind our back is noticed. */
export const known = new Map();
export const lines = new Map();
/** id, or key of a file → its state, which the device would not take: else what was refused were sent for ever. */
export const marked = new Map();
const away = new Set(); // ids and keys that the server has: whoever read the device a moment before must not bring them back
const others = globalThis.BroadcastChannel && new BroadcastChannel("forgotten");
let turn = Promise.resolve();

export const rowName = ({ user, inspection, kind, row }) => `rows ${user} ${inspection} ${kind} ${row.id}`;

/** Whether all that was put is kept by the device, not only by this page. */
export const durable = () => !memory.broken;

/** The server has these rows and files: no page on this device is to miss them. */
export function forgotten(ids, told = false) {
  for (const id of ids) {
    away.add(id);
    if (!known.delete(id)) lines.delete(id);
  }
  if (!told) others?.postMessage(ids);
}
if (others) others.onmessage = ({ data }) => forgotten(data, true);

/** This file is kept here anew, though the server had it once. */
export const again = (key) => away.delete(key);

/** Whether this row or file lives in this page only. */
export const fleeting = (id) => memory.rows.some((entry) => entry.row.id === id) || memory.files.some((file) => file.key === id);

/** Keep one entry {user, inspection, kind, row, state}. Resolves to whether it is on the device. */
export async function put(entry) {
  const kept = turn = turn.catch(() => {}).then(() => hidden(entry)); // one after the other: rows keep their order
  try {
    await add(await kept);
    known.set(entry.row.id, entry);
    return true;
  } catch {
    lack(entry);
    return false;
  }
}

/** The device would not take it: it lives on in this page. */
export function lack(entry) {
  memory.broken = true;
  known.set(entry.row.id, entry);
  memory.rows.push(entry);
}

/** Add what hidden() made. Throws when the device does not take it. */
const add = (kept) => write(["rows"], (store) => { store("rows").add(kept); });

/** Run `work(store by name)` in a transaction that writes, if need be in the room that ballast.js holds back for it. Throws
 *  when the device does not take it. */
export const write = (names, work) => transaction(names, "readwrite", work).catch(async (error) => {
  if (error.name === "ConstraintError") return; // this very row is here already: an earlier try got through
  if (error.name !== "QuotaExceededError") throw error;
  memory.spent = Date.now();
  await memory.photo?.catch(() => {}); // what had begun must not take the room that is given up now
  await (await navigator.storage.getDirectory()).removeEntry("ballast");
  await transaction(names, "readwrite", work);
});

/** An entry as it is kept: what the outbox must tell apart in clear, the rest sealed; all in clear while there is no key. */
export async function hidden({ row, message, ...clear }) {
  const name = rowName({ ...clear, row });
  const { sealed } = await vault.hide(clear.user, name, row);
  const said = message && await vault.hide(clear.user, `said ${name}`, message);
  return { ...clear, id: row.id, ...(sealed ? { row: { id: row.id }, sealed } : { row, plain: true }), ...(said && { said }) };
}

/** Everything this person has here for this inspection and the server has not: {rows, files}, oldest first, and how many
 *  rows are `locked` until the key comes. What cannot be opened for good is refused, with the problem `sealed`; a file
 *  that the browser threw away, with the problem `lost`. `blind`: the device cannot be read now. */
export async function waiting(inspection, user) {
  const mine = (line) => line.inspection === inspection && line.user === user && line.state !== "superseded" && !away.has(line.key ?? line.row.id);
  const before = [[...known.values()], [...lines.values()]].map((all) => all.filter(mine));
  let rows = [], files = [], blind = false;
  try {
    const found = await transaction(["rows", "files", "facts"], "readonly", (store) => (
      { rows: store("rows").getAll(), files: store("files").getAll(), device: store("facts").get("device") }));
    if (!found.device.result) await vault.device().catch(() => {}); // new, or robbed of all
    rows = found.rows.result;
    files = found.files.result;
    for (const file of files) Object.assign(file, marked.get(file.key));
  } catch { blind = memory.broken = true; }
  const here = new Set([...rows.map((entry) => entry.row.id), ...files.map((file) => file.key), ...memory.files.map((file) => file.key)]);
  const opened = await Promise.all(rows.filter(mine).map(revealed));
  const gone = before[0].filter((entry) => mine(entry) && !here.has(entry.row.id) && known.has(entry.row.id));
  const lost = before[1].filter((line) => mine(line) && !here.has(line.key) && lines.has(line.key));
  if (!blind) for (const entry of gone) if (!memory.rows.includes(entry)) add(await hidden(entry)).catch(() => lack(entry));
  for (const file of files) if (!away.has(file.key)) lines.set(file.key, file);
  return {
    rows: [...opened.filter((entry) => entry && mine(entry)), ...gone], locked: opened.filter((entry) => !entry).length, blind,
    files: [...files, ...memory.files].filter(mine).concat(lost.map((line) => (blind ? line : { ...line, state: "refused", problem: "lost" }))),
  };
}

/** What hidden() made, opened; null while the key is not here. */
async function revealed({ sealed, said, ...entry }) {
  const before = known.get(entry.row.id);
  if (before) return Object.assign(before, { n: entry.n, state: entry.state, problem: entry.problem }, marked.get(entry.row.id));
  if (sealed && !(await vault.key(entry.user))) return null;
  try {
    if (said) entry.message = await vault.show(entry.user, `said ${rowName(entry)}`, said);
    if (sealed) entry.row = await vault.show(entry.user, rowName(entry), { sealed });
  } catch {
    return { ...entry, state: "refused", problem: "sealed" };
  }
  if (!away.has(entry.row.id)) known.set(entry.row.id, entry);
  return entry;
}

/** Change the state of rows: ids → {state, problem, message}. */
export async function mark(changes) {
  const lines = [];
  for (const [id, { message, ...change }] of changes) {
    const entry = known.get(id);
    if (entry) Object.assign(entry, change, { message });
    const said = entry && message ? await vault.hide(entry.user, `said ${rowName(entry)}`, message) : undefined;
    lines.push([id, { ...change, said }]);
  }
  await write(["rows"], (store) => {
    for (const [id, change] of lines) {
      const found = store("rows").index("id").get(id);
      found.onsuccess = () => { if (found.result) store("rows").put({ ...found.result, ...change }); };
    }
  }).then(() => lines.forEach(([id]) => marked.delete(id)), () => lines.forEach(([id, { said, ...change }]) => marked.set(id, change)));
}
