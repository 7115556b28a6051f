// The one IndexedDB of this origin: its stores, its upgrades, its connection, opened anew whenever the browser drops it.
// Runs in pages and in the service worker alike.

const NAME = "audit";
const PATIENCE = 8_000; // some browsers let the first opening hang for ever
const ENDLESS = 30_000; // and some a transaction: what was to be kept lives in the page then, which says so and tries again
/** One step a released version, additive only: a step adds stores and indexes, it never removes or rewrites. */
const UPGRADES = [
  (db) => {
    db.createObjectStore("rows", { keyPath: "n", autoIncrement: true }).createIndex("id", "row.id", { unique: true });
    db.createObjectStore("files", { keyPath: "key" });
    db.createObjectStore("bytes");
  },
  (db) => {
    db.createObjectStore("keys", { keyPath: "user" });
    db.createObjectStore("facts");
    db.createObjectStore("drafts", { keyPath: ["user", "name"] });
    db.createObjectStore("log", { keyPath: "n", autoIncrement: true }).createIndex("of", ["inspection", "user"]);
    db.createObjectStore("pages", { keyPath: ["user", "path"] });
  },
  (db) => {
    const store = db.createObjectStore("acked", { keyPath: "id" });
    for (const key of ["of", "octets"]) store.createIndex(key, key);
  },
];
/** In every transaction that writes, so that there is one at a time. Chromium (150) notes down the stores of each unfinished
 *  one and, beside them, the name of the whole database: killed with two of them open, as Android kills browsers, it takes
 *  these notes for a contradiction at its next start and throws the database away, answers and all. */
const TURN = "facts";
let opening = null;
const running = new Set();
let away = null; // pending while this page is frozen

// Left for another page, WebKit may freeze this one together with its unfinished transactions, and whoever writes next waits
// for those for ever. So they are given up, and begun again should the page come back. Other browsers finish them first.
if (globalThis.document && navigator.vendor.startsWith("Apple")) {
  addEventListener("pagehide", ({ persisted }) => {
    if (!persisted) return;
    away = new Promise((back) => addEventListener("pageshow", back, { once: true }));
    for (const t of running) giveUp(t);
    opening?.then((db) => db.close(), () => {});
    opening = null;
  });
}

function giveUp(t, fail = () => {}) {
  fail(new Error("it does not end"));
  try { t.abort(); } catch { /* it is ending already */ }
}

function open() {
  return (opening ??= connect(UPGRADES.length).catch((error) => {
    opening = null;
    throw error;
  }));
}

function connect(version) {
  return new Promise((done, fail) => {
    const request = indexedDB.open(NAME, version);
    setTimeout(() => fail(new Error("the database does not open")), PATIENCE);
    request.onupgradeneeded = ({ oldVersion }) => UPGRADES.slice(oldVersion).forEach((step) => step(request.result));
    request.onerror = () => {
      // A newer page was here before and has only added: what this one knows is all there.
      if (request.error.name === "VersionError" && version) connect().then(done, fail);
      else fail(request.error);
    };
    request.onsuccess = () => {
      const db = request.result;
      db.onclose = db.onversionchange = () => { db.close(); opening = null; };
      done(db);
    };
  });
}

/** Errors that a new connection would not mend. */
const FINAL = new Set(["QuotaExceededError", "ConstraintError", "DataError", "DataCloneError"]);

/** Run `work(store by name)` in one transaction; resolves with what it returned (the result of a request) only when
 *  the transaction is complete: strictly, on the disk, unless `durability` says otherwise. */
export async function transaction(names, mode, work, { durability = "strict", again = true } = {}) {
  await away;
  const db = await open();
  const stores = mode === "readwrite" ? [...new Set([...names, TURN])] : names;
  try {
    return await new Promise((done, fail) => {
      const t = db.transaction(stores, mode, { durability });
      let result;
      running.add(t);
      setTimeout(() => { if (running.has(t)) giveUp(t, fail); }, ENDLESS);
      t.oncomplete = t.onabort = ({ type }) => {
        running.delete(t);
        if (type === "abort") fail(t.error ?? new Error(type));
        else done(result instanceof IDBRequest ? result.result : result);
      };
      result = work((name) => t.objectStore(name));
    });
  } catch (error) {
    if (FINAL.has(error.name) || !again) throw error;
    opening = null; // the browser dropped the connection behind our back: once more on a new one
    return transaction(names, mode, work, { durability, again: false });
  }
}
