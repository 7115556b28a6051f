// What this device keeps until the server has it: rows, and the bytes of photos in stores of their own, sealed for their
// owner. Nothing is called saved before its transaction has completed; without IndexedDB everything lives in memory,
// and `durable()` says so until rescue() has brought it over.

import { transaction } from "./database.js";
import { sha256 } from "./hash.js";
import * as vault from "./vault.js";

const LINES = 2_000; // of the sync log
const memory = { rows: [], files: [], bytes: new Map() };
const known = new Map(); // id → entry as the page knows it, so that nothing is opened twice
let broken = false;
let turn = Promise.resolve();

const full = (error) => error?.name === "QuotaExceededError";
const rowName = ({ user, inspection, kind, row }) => `rows ${user} ${inspection} ${kind} ${row.id}`;
const bytesName = ({ user, key }) => `bytes ${user} ${key}`;
/** Under which a person's file of an inspection is kept. */
export const fileKey = (inspection, sha, user) => `${inspection}/${sha}/${user}`;
const firstKey = (inspection, sha) => `${inspection}/${sha}`; // version 1: one file for all people

/** Whether all that was put is kept by the device, not only by this page. */
export const durable = () => !broken;

/** Room held back so that photos can never crowd out answers: given up when an answer finds the device full. */
const BALLAST = "ballast";

export async function holdRoom() {
  await transaction(["bytes"], "readwrite", (store) => { store("bytes").put(new ArrayBuffer(2 ** 20), BALLAST); }).catch(() => {});
}

/** Keep one entry {user, inspection, kind, row, state}. Resolves to whether it is on the device. */
export async function put(entry) {
  known.set(entry.row.id, entry);
  const kept = turn = turn.catch(() => {}).then(() => hidden(entry)); // one after the other: rows keep their order
  try {
    await add(await kept);
    return true;
  } catch {
    broken = true;
    memory.rows.push(entry);
    return false;
  }
}

async function add(kept) {
  const once = () => transaction(["rows"], "readwrite", (store) => { store("rows").add(kept); });
  await once().catch(async (error) => {
    if (error.name === "ConstraintError") return; // this very row is here already: an earlier try got through
    if (!full(error)) throw error;
    await transaction(["bytes"], "readwrite", (store) => { store("bytes").delete(BALLAST); });
    await once();
  });
}

/** An entry as it is kept: what the outbox must tell apart in clear, the rest sealed; all in clear while there is no key. */
async function hidden({ row, message, ...clear }) {
  const { sealed } = await vault.hide(clear.user, rowName({ ...clear, row }), row);
  return sealed ? { ...clear, id: row.id, row: { id: row.id }, sealed } : { ...clear, id: row.id, row, plain: true };
}

/** Keep a photo's entry with its files [{sha256, role, type, buffer}], read the bytes back and hash them again.
 *  Resolves to whether they are on the device; throws QuotaExceededError when there is no room. */
export async function putPhoto(entry, files) {
  const { inspection, user, row } = entry;
  known.set(row.id, entry);
  const lines = files.map(({ sha256: sha, role, type, buffer }) => (
    { key: fileKey(inspection, sha, user), inspection, user, sha256: sha, role, type, size: buffer.byteLength, photo: row.id }));
  try {
    await write(entry, lines, files.map(({ buffer }) => buffer));
    return true;
  } catch (error) {
    if (full(error)) throw error;
    broken = true;
    memory.rows.push(entry);
    lines.forEach((line, i) => { memory.files.push(line); memory.bytes.set(line.key, files[i].buffer); });
    return false;
  }
}

async function write(entry, lines, buffers) {
  const kept = await hidden(entry);
  const bodies = await Promise.all(lines.map((line, i) => sealedBytes(line, buffers[i])));
  await transaction(["rows", "files", "bytes"], "readwrite", (store) => {
    lines.forEach((line, i) => {
      store("bytes").put(bodies[i], line.key);
      store("files").get(line.key).onsuccess = ({ target }) => {
        store("files").put({ ...line, photos: { ...wantedBy(target.result), [line.photo]: true } });
      };
    });
    store("rows").index("id").getKey(entry.row.id).onsuccess = ({ target }) => {
      if (target.result === undefined) store("rows").add(kept);
    };
  });
  for (const line of lines) {
    const back = await read(line);
    if (!back || (await sha256(back)) !== line.sha256) throw new Error("read back differs");
  }
}

async function sealedBytes(line, buffer) {
  const key = await vault.key(line.user);
  return key ? vault.seal(key, bytesName(line), buffer) : buffer;
}

/** The bytes of a file as they are on the device; undefined when they are not there or cannot be opened. */
async function read(line) {
  const found = await transaction(["bytes"], "readonly", (store) => store("bytes").get(line.key));
  if (!found || found instanceof ArrayBuffer) return found;
  const key = await vault.key(line.user);
  return key ? vault.unseal(key, bytesName(line), found).catch(() => undefined) : undefined;
}

/** Bring over what lives in memory only, now that the device may take it again. Resolves to the ids that it took. */
export async function rescue() {
  const taken = [];
  try {
    await transaction(["rows"], "readonly", (store) => store("rows").count());
    for (const line of [...memory.files]) {
      const entry = known.get(line.photo);
      await write(entry, [line], [memory.bytes.get(line.key)]);
      memory.files = memory.files.filter((other) => other !== line);
      memory.bytes.delete(line.key);
      taken.push(line.key);
    }
    for (const entry of [...memory.rows]) {
      await add(await hidden(entry));
      memory.rows = memory.rows.filter((other) => other !== entry);
      taken.push(entry.row.id);
    }
    broken = false;
  } catch { /* not yet */ }
  return taken;
}

/** Everything this person has here for this inspection and the server has not: {rows, files}, oldest first, and how many
 *  rows are `locked` until the key comes. What cannot be opened for good is refused, with the problem `sealed`. */
export async function waiting(inspection, user) {
  const mine = (line) => line.inspection === inspection && line.user === user && line.state !== "superseded";
  let rows = [], files = [];
  try {
    rows = await transaction(["rows"], "readonly", (store) => store("rows").getAll());
    files = await transaction(["files"], "readonly", (store) => store("files").getAll());
  } catch { broken = true; }
  const here = new Set(rows.map((entry) => entry.row.id));
  const opened = await Promise.all(rows.filter(mine).map(revealed));
  return {
    rows: [...opened.filter(Boolean), ...memory.rows.filter((entry) => mine(entry) && !here.has(entry.row.id))],
    files: files.concat(memory.files).filter(mine), locked: opened.filter((entry) => !entry).length,
  };
}

/** What hidden() made, opened; null while the key is not here. */
async function revealed({ sealed, said, ...entry }) {
  const before = known.get(entry.row.id);
  if (before) return Object.assign(before, { n: entry.n, state: entry.state, problem: entry.problem });
  try {
    if (said) entry.message = await vault.show(entry.user, `said ${rowName(entry)}`, said);
    if (sealed) entry.row = await vault.show(entry.user, rowName(entry), { sealed });
  } catch {
    return await vault.key(entry.user) ? { ...entry, state: "refused", problem: "sealed" } : null;
  }
  known.set(entry.row.id, entry);
  return entry;
}

/** The bytes of a person's file, or undefined. */
export async function bytes(inspection, sha, user) {
  const key = fileKey(inspection, sha, user);
  if (memory.bytes.has(key)) return memory.bytes.get(key);
  return (await read({ key, user }).catch(() => undefined)) ?? read({ key: firstKey(inspection, sha), user }).catch(() => undefined);
}

/** Change the state of rows: ids → {state, problem, message}. */
export async function mark(changes) {
  const lines = [];
  for (const [id, { message, ...change }] of changes) {
    const entry = known.get(id);
    if (entry) Object.assign(entry, change, { message });
    if (change.state === "superseded") change.since = Date.now();
    const said = entry && message ? await vault.hide(entry.user, `said ${rowName(entry)}`, message) : undefined;
    lines.push([id, { ...change, said }]);
  }
  await transaction(["rows"], "readwrite", (store) => {
    for (const [id, change] of lines) {
      const found = store("rows").index("id").get(id);
      found.onsuccess = () => { if (found.result) store("rows").put({ ...found.result, ...change }); };
    }
  }).catch(() => {});
}

/** Which photos want this file: id → whether it still does (a photo that was withdrawn does not). */
const wantedBy = (line) => (line ? line.photos ?? { [line.photo]: line.state !== "superseded" } : {});

/** Change the state of the files of a photo; resolves to the keys of the originals that have it now. A file that another
 *  photo wants as well is never withdrawn. */
export async function markFilesOf(photo, state) {
  const keys = [];
  const change = (file) => {
    const photos = wantedBy(file);
    if (!(photo in photos)) return false;
    photos[photo] = state !== "superseded";
    const now = state === "superseded" && Object.values(photos).some(Boolean) ? file.state : state;
    Object.assign(file, { photos, state: now, since: Date.now() });
    if (file.role === "original" && now === state) keys.push(file.key);
    return true;
  };
  memory.files.forEach(change);
  await transaction(["files"], "readwrite", (store) => {
    const all = store("files").getAll();
    all.onsuccess = () => { for (const file of all.result) if (change(file)) store("files").put(file); };
  }).catch(() => {});
  return keys;
}

/** Forget rows: only ever called with ids the server has named in `kept`. */
export async function forget(ids) {
  const gone = new Set(ids);
  memory.rows = memory.rows.filter((entry) => !gone.has(entry.row.id));
  await transaction(["rows"], "readwrite", (store) => {
    for (const id of gone) {
      known.delete(id);
      const found = store("rows").index("id").getKey(id);
      found.onsuccess = () => { if (found.result !== undefined) store("rows").delete(found.result); };
    }
  }).catch(() => {});
}

/** Forget a file's bytes: only after the server has answered that it holds them under their hash. */
export async function forgetFile(inspection, sha, user) {
  const gone = [fileKey(inspection, sha, user), firstKey(inspection, sha)];
  memory.files = memory.files.filter((file) => !gone.includes(file.key));
  gone.forEach((key) => memory.bytes.delete(key));
  await transaction(["files", "bytes"], "readwrite", (store) => {
    for (const key of gone) { store("files").delete(key); store("bytes").delete(key); }
  }).catch(() => {});
}

/** Say of a file that the server refused it; it stays here. */
export async function markFile(file, change) {
  Object.assign(file, change);
  if (memory.files.includes(file)) return;
  await transaction(["files"], "readwrite", (store) => { store("files").put({ ...file }); }).catch(() => {});
}

// ── Small things ─────────────────────────────────────────────────────────────────────────────────
/** What is known of this device; plain, never private. Undefined when it is not known. */
export const fact = (name) => transaction(["facts"], "readonly", (store) => store("facts").get(name)).catch(() => undefined);
export const setFact = (name, value) => transaction(["facts"], "readwrite", (store) => { store("facts").put(value, name); });

/** Something unfinished of a person, sealed; undefined when there is none or it cannot be opened now. */
export async function draft(user, name) {
  const kept = await transaction(["drafts"], "readonly", (store) => store("drafts").get([user, name])).catch(() => null);
  return kept ? vault.show(user, `drafts ${user} ${name}`, kept).catch(() => undefined) : undefined;
}

/** Keep something unfinished; undefined forgets it. */
export async function setDraft(user, name, value) {
  const kept = value === undefined ? null : await vault.hide(user, `drafts ${user} ${name}`, value);
  await transaction(["drafts"], "readwrite", (store) => {
    if (kept) store("drafts").put({ user, name, ...kept });
    else store("drafts").delete([user, name]);
  });
}

/** Add a line {inspection, user, at?, …} to the sync log. Never rejects: work goes on without its log. */
export async function log({ inspection, user, ...said }) {
  try {
    const kept = await vault.hide(user, `log ${user} ${inspection}`, { at: Date.now(), ...said });
    await transaction(["log"], "readwrite", (store) => {
      store("log").add({ inspection, user, ...kept });
      store("log").index("of").getAllKeys([inspection, user]).onsuccess = ({ target }) => {
        for (const old of target.result.slice(0, -LINES)) store("log").delete(old);
      };
    }, { durability: "relaxed" });
  } catch { /* no room, or no store at all */ }
}

/** The sync log of an inspection, newest last. */
export async function logged(inspection, user) {
  const kept = await transaction(["log"], "readonly", (store) => store("log").index("of").getAll([inspection, user])).catch(() => []);
  const lines = await Promise.all(kept.map((line) => vault.show(user, `log ${user} ${inspection}`, line).catch(() => null)));
  return lines.filter(Boolean);
}
