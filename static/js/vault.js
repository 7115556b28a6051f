// Seals what is private with a key of this person and this device: the next person at the tablet, or whoever copies its
// storage, reads nothing. Runs in pages and in the service worker alike. Without a secure context there is no key.

import { transaction } from "./database.js";
import { uuid } from "./ids.js";

const AGAIN = 5_000;
const PATIENCE = 20_000;
const encoder = new TextEncoder();
const decoder = new TextDecoder();
/** User → promise of the key kept here, or of null. */
export const keys = new Map();
const comings = new Map(); // user → {promise, come}: settled once the key is here
let own; // the name of this device, as this page has read or made it

/** Whether this browser seals at all: only in a secure context. */
export const possible = Boolean(globalThis.crypto?.subtle);

/** The key of this person on this device, or null while it is not here. */
export function key(user) {
  if (!possible) return Promise.resolve(null);
  if (!keys.has(user)) {
    let name;
    keys.set(user, transaction(["keys", "facts"], "readonly", (store) => {
      name = store("facts").get("device");
      return store("keys").get(user);
    }).then((kept) => {
      own ??= name.result;
      if (!kept) keys.delete(user);
      return kept?.key ?? null;
    }, () => { keys.delete(user); return null; }));
  }
  return keys.get(user);
}

/** Resolves once the key of this person is here; never where there is none. */
export function unlocked(user) {
  if (!comings.has(user)) {
    let come;
    comings.set(user, { promise: new Promise((done) => { come = done; }), come });
  }
  const coming = comings.get(user);
  key(user).then((found) => { if (found) coming.come(); });
  return coming.promise;
}

/** Have the key of this person here: the kept one, or the one the server makes from its secret, asked for until it comes,
 *  or `once`. */
export async function unlock(user, sync, once) {
  if (!possible) return;
  for (let wait = 500; !(await key(user)); wait = Math.min(2 * wait, AGAIN)) {
    try {
      const answer = await fetch(`${sync}/hello`, { cache: "no-store", redirect: "error", headers: { Accept: "application/json", "X-Audit-Device": await device() }, signal: AbortSignal.timeout?.(PATIENCE) });
      if (answer.ok) await accept(user, await answer.json());
      else if (answer.status < 500) return; // somebody must sign in first, and comes back by another page
    } catch { /* no network now */ }
    if (once || await key(user)) return;
    await new Promise((done) => setTimeout(done, wait));
  }
}

/** Take the key from what hello answered, if it is for this person. The raw key is not kept: no script can read it again. */
export async function accept(user, { user: met, key: raw }) {
  if (!possible || !raw || String(met?.id) !== user) return;
  const made = await crypto.subtle.importKey("raw", Uint8Array.from(atob(raw), (c) => c.charCodeAt(0)), "AES-GCM", false, ["encrypt", "decrypt"]);
  keys.set(user, Promise.resolve(made));
  await transaction(["keys"], "readwrite", (store) => { store("keys").put({ user, key: made }); }).catch(() => {});
  unlocked(user);
}

/** The name of this device, made once. Where the browser threw all away under an open page, the device gets back its name and
 *  the keys in hand: what is sealed with them from now on could never be opened with the key of another name. */
export async function device() {
  const hands = await Promise.all([...keys].map(async ([user, held]) => ({ user, key: await held })));
  let name;
  await transaction(["facts", "keys"], "readwrite", (store) => {
    const kept = store("facts").get("device");
    kept.onsuccess = () => {
      name = kept.result ?? own ?? uuid();
      if (kept.result) return;
      store("facts").put(name, "device");
      for (const hand of own ? hands : []) if (hand.key) store("keys").put(hand);
    };
  });
  return (own = name);
}

/** `buffer`, sealed under `name`: opened again only under the same name, so that nothing can be put in another's place. */
export async function seal(key, name, buffer) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const additionalData = encoder.encode(name);
  return { iv, data: await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData }, key, buffer) };
}

/** What was sealed. Throws when it was altered, or sealed under another name or key. */
export function unseal(key, name, { iv, data }) {
  return crypto.subtle.decrypt({ name: "AES-GCM", iv, additionalData: encoder.encode(name) }, key, data);
}

/** A value as it is kept: {sealed}, or {plain} while there is no key. */
export async function hide(user, name, value) {
  const held = await key(user);
  return held ? { sealed: await seal(held, name, encoder.encode(JSON.stringify(value))) } : { plain: value };
}

/** The value of what hide() made. Throws when it cannot be opened (now). */
export async function show(user, name, { sealed, plain }) {
  if (!sealed) return plain;
  const held = await key(user);
  if (!held) throw new Error("locked");
  return JSON.parse(decoder.decode(await unseal(held, name, sealed)));
}
