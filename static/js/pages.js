// Private pages, data and thumbnails that a person may need without a network, sealed for that person. Runs in pages and
// in the service worker alike.

import { transaction } from "./database.js";
import { memory } from "./rows.js";
import * as vault from "./vault.js";

const name = (user, path, part) => `pages ${part} ${user} ${path}`;
const heads = new Map(); // name → head, of those that this page has kept or read: see pages()

/** Keep what stands at `path`: {type, buffer, etag?}. Resolves to whether it is kept: not without a key, nor in the room that
 *  is given up for answers. */
export async function keepPage(user, path, { buffer, ...head }) {
  const key = await vault.key(user);
  if (!key) return false;
  const told = { ...head, size: buffer.byteLength, at: Date.now() };
  const said = await vault.hide(user, name(user, path, "head"), told);
  const body = await vault.seal(key, name(user, path, "body"), buffer);
  if (memory.spent) return false;
  memory.photo = transaction(["pages"], "readwrite", (store) => { store("pages").put({ user, path, head: said, body }); }, { durability: "relaxed" });
  await memory.photo;
  heads.set(name(user, path, "head"), told);
  return true;
}

/** What was kept: {path, type, etag, size, at, buffer}; undefined when it is not here or cannot be opened. */
export async function page(user, path) {
  try {
    const kept = await transaction(["pages"], "readonly", (store) => store("pages").get([user, path]));
    if (!kept) return undefined;
    const buffer = await vault.unseal(await vault.key(user), name(user, path, "body"), kept.body);
    return { path, ...await vault.show(user, name(user, path, "head"), kept.head), buffer };
  } catch {
    return undefined;
  }
}

/** What is kept for this person: [{path, type, etag, size, at}]. A record is read with its body, and all of them are all
 *  pictures of a day: what is here is asked each time, but read only when some of it is new to this page. */
export async function pages(user) {
  if (!(await vault.key(user))) return [];
  const keys = await transaction(["pages"], "readonly", (store) => store("pages").getAllKeys(all(user)));
  const known = (path) => heads.get(name(user, path, "head"));
  if (!keys.every(([, path]) => known(path))) await read(user);
  return keys.filter(([, path]) => known(path)).map(([, path]) => ({ path, ...known(path) }));
}

async function read(user) {
  const before = new Map(heads);
  const kept = await transaction(["pages"], "readonly", (store) => store("pages").getAll(all(user)));
  await Promise.all(kept.map(async ({ path, head }) => {
    const own = name(user, path, "head");
    const said = await vault.show(user, own, head).catch(() => null);
    if (said && heads.get(own) === before.get(own)) heads.set(own, said); // what was kept meanwhile is newer
  }));
}

/** Forget this person's pages but those whose path is in `keep`. */
export async function forgetPages(user, keep = []) {
  const wanted = new Set(keep);
  await transaction(["pages"], "readwrite", (store) => {
    store("pages").getAllKeys(all(user)).onsuccess = ({ target }) => {
      for (const key of target.result) if (!wanted.has(key[1])) store("pages").delete(key);
    };
  });
}

const all = (user) => IDBKeyRange.bound([user], [user, []]);
