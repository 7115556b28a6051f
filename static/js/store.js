// What this device keeps until the server has it: rows, and the bytes of photos in stores of their own.
// Nothing is called saved before its transaction has completed; without IndexedDB everything lives in memory,
// and `durable()` says so.

import { sha256 } from "./hash.js";

const NAME = "audit";
const VERSION = 1; // additive only: a later version adds stores and indexes, never removes or rewrites
const memory = { rows: [], files: [], bytes: new Map() };
let opening = null;
let broken = false;

function open() {
  return (opening ??= new Promise((done, fail) => {
    const request = indexedDB.open(NAME, VERSION);
    request.onupgradeneeded = ({ oldVersion }) => {
      if (oldVersion < 1) {
        const db = request.result;
        db.createObjectStore("rows", { keyPath: "n", autoIncrement: true }).createIndex("id", "row.id", { unique: true });
        db.createObjectStore("files", { keyPath: "key" });
        db.createObjectStore("bytes");
      }
    };
    request.onerror = request.onblocked = () => fail(request.error ?? new Error("blocked"));
    request.onsuccess = () => {
      request.result.onclose = request.result.onversionchange = () => { request.result.close(); opening = null; };
      done(request.result);
    };
  }).catch((error) => { opening = null; throw error; }));
}

/** Run `work(store by name)` in one strict transaction; resolves with what it returned only on complete. */
async function transaction(names, mode, work, again = true) {
  const db = await open();
  try {
    return await new Promise((done, fail) => {
      const t = db.transaction(names, mode, { durability: "strict" });
      let result;
      t.oncomplete = () => done(result?.result ?? result);
      t.onabort = () => fail(t.error ?? new Error("aborted"));
      result = work((name) => t.objectStore(name));
    });
  } catch (error) {
    if (error.name !== "InvalidStateError" || !again) throw error;
    opening = null; // the browser dropped the connection behind our back: once more on a new one
    return transaction(names, mode, work, false);
  }
}

/** Room held back so that photos can never crowd out answers: given up when an answer finds the device full. */
const BALLAST = "ballast";

export async function holdRoom() {
  await transaction(["bytes"], "readwrite", (store) => { store("bytes").put(new ArrayBuffer(2 ** 20), BALLAST); }).catch(() => {});
}

const fileKey = (inspection, sha) => `${inspection}/${sha}`;
const full = (error) => error?.name === "QuotaExceededError";

/** Whether what was put last is kept by the device, not only by this page. */
export const durable = () => !broken;

/** Keep one entry {user, inspection, kind, row, state}. Resolves to whether it is on the device. */
export async function put(entry) {
  const add = () => transaction(["rows"], "readwrite", (store) => { store("rows").add(entry); });
  try {
    await add().catch(async (error) => {
      if (!full(error)) throw error;
      await transaction(["bytes"], "readwrite", (store) => { store("bytes").delete(BALLAST); });
      await add();
    });
    broken = false;
    return true;
  } catch {
    broken = true;
    memory.rows.push({ ...entry, n: Number.MAX_SAFE_INTEGER - 1e9 + memory.rows.length });
    return false;
  }
}

/** Keep a photo's entry with its files [{sha256, role, type, buffer}], read the bytes back and hash them again.
 *  Resolves to whether they are on the device; throws QuotaExceededError when there is no room. */
export async function putPhoto(entry, files) {
  const { inspection, user } = entry;
  const lines = files.map(({ sha256: sha, role, type, buffer }) => (
    { key: fileKey(inspection, sha), inspection, user, sha256: sha, role, type, size: buffer.byteLength, photo: entry.row.id }));
  try {
    await transaction(["rows", "files", "bytes"], "readwrite", (store) => {
      files.forEach((file, i) => { store("files").put(lines[i]); store("bytes").put(file.buffer, lines[i].key); });
      store("rows").add(entry);
    });
    for (const file of files) {
      const back = await transaction(["bytes"], "readonly", (store) => store("bytes").get(fileKey(inspection, file.sha256)));
      if (!back || (await sha256(back)) !== file.sha256) throw new Error("read back differs");
    }
    return true;
  } catch (error) {
    if (full(error)) throw error;
    broken = true;
    memory.rows.push({ ...entry, n: Number.MAX_SAFE_INTEGER - 1e9 + memory.rows.length });
    files.forEach((file, i) => { memory.files.push(lines[i]); memory.bytes.set(lines[i].key, file.buffer); });
    return false;
  }
}

/** Everything this person has here for this inspection and the server has not: {rows, files}, oldest first. */
export async function waiting(inspection, user) {
  const mine = (line) => line.inspection === inspection && line.user === user;
  let rows = [], files = [];
  try {
    rows = await transaction(["rows"], "readonly", (store) => store("rows").getAll());
    files = await transaction(["files"], "readonly", (store) => store("files").getAll());
  } catch { broken = true; }
  const kept = new Set(rows.map((entry) => entry.row.id));
  rows = rows.concat(memory.rows.filter((entry) => !kept.has(entry.row.id)));
  return {
    rows: rows.filter((entry) => mine(entry) && entry.state !== "superseded"),
    files: files.concat(memory.files).filter((file) => mine(file) && file.state !== "superseded"),
  };
}

/** The bytes of a file, or undefined. */
export async function bytes(inspection, sha) {
  const key = fileKey(inspection, sha);
  if (memory.bytes.has(key)) return memory.bytes.get(key);
  return transaction(["bytes"], "readonly", (store) => store("bytes").get(key)).catch(() => undefined);
}

/** Change the state of rows: ids → {state, problem, message}. */
export async function mark(changes) {
  for (const entry of memory.rows) Object.assign(entry, changes.get(entry.row.id));
  await transaction(["rows"], "readwrite", (store) => {
    for (const [id, change] of changes) {
      const found = store("rows").index("id").get(id);
      found.onsuccess = () => { if (found.result) store("rows").put({ ...found.result, ...change }); };
    }
  }).catch(() => {});
}

/** Change the state of the files of a photo; resolves to the key of its original. */
export async function markFilesOf(photo, state) {
  const keys = [];
  const change = (file) => {
    if (file.photo !== photo) return false;
    file.state = state;
    if (file.role === "original") keys.push(file.key);
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
      const found = store("rows").index("id").getKey(id);
      found.onsuccess = () => { if (found.result !== undefined) store("rows").delete(found.result); };
    }
  }).catch(() => {});
}

/** Forget a file's bytes: only after the server has answered that it holds them under their hash. */
export async function forgetFile(inspection, sha) {
  const key = fileKey(inspection, sha);
  memory.files = memory.files.filter((file) => file.key !== key);
  memory.bytes.delete(key);
  await transaction(["files", "bytes"], "readwrite", (store) => { store("files").delete(key); store("bytes").delete(key); }).catch(() => {});
}

/** Say of a file that the server refused it; it stays here. */
export async function markFile(file, change) {
  Object.assign(file, change);
  if (memory.files.includes(file)) return;
  await transaction(["files"], "readwrite", (store) => { store("files").put({ ...file }); }).catch(() => {});
}
