// What this device keeps beside rows: the bytes of photos in stores of their own, unfinished work, facts, the sync log.
// Rows are in rows.js, which the page needs in its first moment; here they can be reached too.

import * as acked from "./acked.js";
import * as ballast from "./ballast.js";
import { transaction } from "./database.js";
import * as drafts from "./drafts.js";
import { sha256 } from "./hash.js";
import * as rows from "./rows.js";
import * as vault from "./vault.js";

const LINES = 2_000; // of the sync log
const AGAIN = 2_000;
const ROOM = 2 ** 24; // octets of photos that give way to rows
const { memory, known, lines: held } = rows;
export const put = rows.put;
export const waiting = rows.waiting;
export const mark = rows.mark;
export const durable = rows.durable;

const full = (error) => error?.name === "QuotaExceededError";
const bytesName = ({ user, key }) => `bytes ${user} ${key}`;
/** Under which a person's file of an inspection is kept. */
export const fileKey = (inspection, sha, user) => `${inspection}/${sha}/${user}`;
const firstKey = (inspection, sha) => `${inspection}/${sha}`; // version 1: one file for all people

/** Keep a photo's entry with its files [{sha256, role, type, buffer}], read the bytes back and hash them again.
 *  Resolves to whether they are on the device; throws QuotaExceededError when there is no room. */
export async function putPhoto(entry, files) {
  const { inspection, user, row } = entry;
  const lines = files.map(({ sha256: sha, role, type, buffer }) => (
    { key: fileKey(inspection, sha, user), inspection, user, sha256: sha, role, type, size: buffer.byteLength, photo: row.id }));
  try {
    await write(entry, lines, files.map(({ buffer }) => buffer));
    return true;
  } catch (error) {
    if (full(error)) throw error;
    rows.lack(entry);
    lines.forEach((line, i) => { memory.files.push(line); memory.bytes.set(line.key, files[i].buffer); });
    return false;
  }
}

/** `entry`: the photo's own, unless the server has it already. */
async function write(entry, lines, buffers) {
  await ballast.spare();
  const kept = entry && await rows.hidden(entry);
  const bodies = await Promise.all(lines.map((line, i) => sealedBytes(line, buffers[i])));
  if (memory.spent) throw new DOMException("", "QuotaExceededError"); // or an answer has needed it just now
  lines.forEach(({ key }) => rows.again(key));
  memory.photo = transaction(["rows", "files", "bytes"], "readwrite", (store) => {
    lines.forEach((line, i) => {
      store("bytes").put(bodies[i], line.key);
      store("files").get(line.key).onsuccess = ({ target }) => {
        store("files").put({ ...line, photos: { ...wantedBy(target.result), [line.photo]: true }, sealed: !(bodies[i] instanceof ArrayBuffer) });
      };
    });
    if (kept) store("rows").index("id").getKey(kept.id).onsuccess = ({ target }) => {
      if (target.result === undefined) store("rows").add(kept);
    };
  });
  await memory.photo;
  for (const line of lines) {
    const back = await read(line);
    if (!back || (await sha256(back)) !== line.sha256) throw new Error("read back differs");
    held.set(line.key, line);
  }
  if (entry) known.set(entry.row.id, entry);
}

/** The bytes of a file as they are kept: sealed, or bare while there is no key. */
export async function sealedBytes(line, buffer) {
  const key = await vault.key(line.user);
  return key ? vault.seal(key, bytesName(line), buffer) : buffer;
}

/** The bytes of a file as they are on the device; undefined when they are not there or were altered. Throws when that
 *  cannot be told now: the device does not let itself be read, or the key is not here. */
async function read(line) {
  const found = await transaction(["bytes"], "readonly", (store) => store("bytes").get(line.key));
  if (!found || found instanceof ArrayBuffer) return found;
  const key = await vault.key(line.user);
  if (!key) throw new Error("locked");
  return vault.unseal(key, bytesName(line), found).catch(() => undefined);
}

/** Bring over what lives in memory only, now that the device may take it again: answers first, and none of them waits for a
 *  photo that finds no room. Resolves to the ids that it took. */
export async function rescue() {
  const taken = [];
  try {
    await transaction(["rows"], "readonly", (store) => store("rows").count());
  } catch {
    return taken; // not yet
  }
  const bare = memory.rows.filter(({ row }) => !memory.files.some(({ photo }) => photo === row.id)); // a photo's row follows its files
  for (const entry of bare) await bringRow(entry).then((id) => taken.push(id), () => {});
  const short = bare.some((entry) => memory.rows.includes(entry)); // then a photo would take up again what an answer has just found
  for (const line of short ? [] : [...memory.files]) await bringFile(line).then((id) => taken.push(id), () => {});
  memory.broken = memory.rows.length + memory.files.length > 0;
  return taken;
}

async function bringRow(entry) {
  const kept = await rows.hidden(entry);
  await rows.write(["rows"], (store) => { store("rows").add(kept); });
  memory.rows = memory.rows.filter((other) => other !== entry);
  return entry.row.id;
}

async function bringFile(line) {
  await write(known.get(line.photo), [line], [memory.bytes.get(line.key)]);
  memory.files = memory.files.filter((other) => other !== line);
  memory.bytes.delete(line.key);
  return line.key;
}

/** The bytes of a person's file, or undefined when they are lost. Throws when they cannot be read now. */
export async function bytes(inspection, sha, user) {
  const key = fileKey(inspection, sha, user);
  if (memory.bytes.has(key)) return memory.bytes.get(key);
  return (await read({ key, user })) ?? read({ key: firstKey(inspection, sha), user });
}

/** Which photos want this file: id → whether it still does (a photo that was withdrawn does not). */
export const wantedBy = (line) => (line ? line.photos ?? { [line.photo]: line.state !== "superseded" } : {});

/** Change the state of a row and, in one go, that of the files of the photo that it is; resolves to the `keys` of the originals
 *  that have it now, and to whether the row was `sent` by then: another page here had it taken. A file that another photo
 *  wants as well is never withdrawn. What the device refuses is tried again. */
export async function markWhole(id, state) {
  const keys = new Set();
  let sent = false;
  const change = (file) => {
    const photos = wantedBy(file);
    if (!(id in photos)) return false;
    photos[id] = state !== "superseded";
    const now = state === "superseded" && Object.values(photos).some(Boolean) ? file.state : state;
    Object.assign(file, { photos, state: now, since: Date.now() });
    if (file.role === "original" && now === state) keys.add(file.key);
    return true;
  };
  Object.assign(known.get(id) ?? {}, { state, message: undefined });
  memory.files.forEach(change);
  await rows.write(["rows", "files"], (store) => {
    const row = store("rows").index("id").get(id), files = store("files").getAll();
    row.onsuccess = () => {
      sent = !row.result && !rows.fleeting(id);
      if (row.result) store("rows").put({ ...row.result, state, said: undefined });
    };
    files.onsuccess = () => { for (const file of files.result) if (change(file)) store("files").put(file); };
  }).then(() => rows.marked.delete(id), () => {
    rows.marked.set(id, { state });
    setTimeout(() => known.get(id)?.state === state && markWhole(id, state), AGAIN);
  });
  return { keys: [...keys], sent };
}

/** Forget rows: only ever called with ids the server has named in `kept`, at the moment `said` of its clock. A photo that was
 *  withdrawn meanwhile stays noted until its removal is kept here: see withdrawn() in shelving.js. */
export const forget = (ids, said) => drop(ids, ({ kind, state }) => kind !== "photos" || state !== "superseded", (store, entry) => acked.keepRow(store, entry, said));

/** Forget a withdrawn photo: its removal is kept here now. */
export const forgetWithdrawn = (id) => drop([id], () => true);

/** What cannot be `kept` for want of room has older photos give way, and is dropped all the same. */
async function drop(ids, may, kept = () => {}) {
  const gone = new Set(ids);
  memory.rows = memory.rows.filter((entry) => !gone.has(entry.row.id));
  const work = (kept) => transaction(["rows", "acked"], "readwrite", (store) => {
    for (const id of gone) {
      const found = store("rows").index("id").get(id);
      found.onsuccess = () => {
        if (found.result && !may(found.result)) return;
        rows.forgotten([id]);
        if (!found.result) return;
        kept(store, found.result);
        store("rows").delete(found.result.n);
      };
    }
  });
  await work(kept).catch(() => acked.tidy(ROOM).then(() => work(kept))).catch(() => work(() => {})).catch(() => rows.forgotten(ids)); // it cannot be noted down: what was withdrawn stays so
}

/** Forget a file: only after the server has answered that it holds its bytes under their hash. */
export async function forgetFile(inspection, sha, user) {
  const gone = [fileKey(inspection, sha, user), firstKey(inspection, sha)];
  memory.files = memory.files.filter((file) => !gone.includes(file.key));
  gone.forEach((key) => memory.bytes.delete(key));
  rows.forgotten(gone);
  await transaction(["files", "bytes", "acked"], "readwrite", (store) => {
    for (const key of gone) store("files").get(key).onsuccess = ({ target: { result: line } }) => {
      store("files").delete(key);
      if (!line || !acked.keepFile(store, line)) store("bytes").delete(key);
    };
  }).catch(() => {});
}

/** Say of a file that the server refused it; it stays here. */
export async function markFile(file, change) {
  Object.assign(file, change);
  if (memory.files.includes(file)) return;
  await transaction(["files"], "readwrite", (store) => { store("files").put({ ...file }); }).then(
    () => rows.marked.delete(file.key), () => rows.marked.set(file.key, change));
}

// ── Small things ─────────────────────────────────────────────────────────────────────────────────
/** What is known of this device; plain, never private. Undefined when it is not known. */
export const fact = (name) => transaction(["facts"], "readonly", (store) => store("facts").get(name)).catch(() => undefined);
export const setFact = (name, value) => transaction(["facts"], "readwrite", (store) => { store("facts").put(value, name); });

export const draft = drafts.draft;
export const drafted = drafts.drafted;
export const setDraft = drafts.setDraft;

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

/** Keys of the sync log of an inspection, newest last. */
export const logKeys = (inspection, user) => transaction(["log"], "readonly", (store) => store("log").index("of").getAllKeys([inspection, user])).catch(() => []);

/** The lines of the sync log of an inspection that have these keys, newest last. */
export async function logged(inspection, user, keys) {
  let kept = [];
  await transaction(["log"], "readonly", (store) => {
    kept = [];
    for (const key of keys) store("log").get(key).onsuccess = ({ target }) => { if (target.result) kept.push(target.result); };
  }).catch(() => {});
  const lines = await Promise.all(kept.map((line) => vault.show(user, `log ${user} ${inspection}`, line).catch(() => null)));
  return lines.filter(Boolean);
}
