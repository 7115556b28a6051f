// Whose keys are here, and taking them away: whoever takes up the tablet next opens nothing of others. The rest of sealing
// stands in vault.js. Runs in pages and in the service worker alike.

import { transaction } from "./database.js";
import { keys } from "./vault.js";

/** Take the keys and the kept pages of everybody but `user` (null: of all) from this device. What they have not sent
 *  stays, sealed, until they sign in again. */
export async function lock(user = null) {
  for (const known of keys.keys()) if (known !== user) keys.delete(known);
  await take(user);
}

/** Take them from the device alone: this page, or worker, may still have a key in hand to seal with. */
export function take(user) {
  return transaction(["keys", "pages"], "readwrite", (store) => {
    for (const name of ["keys", "pages"]) {
      store(name).openKeyCursor().onsuccess = ({ target: { result: at } }) => {
        if (!at) return;
        const owner = Array.isArray(at.key) ? at.key[0] : at.key;
        if (owner !== user) store(name).delete(at.primaryKey);
        at.continue();
      };
    }
  });
}

/** Whose keys are here: at most one person's, whoever was signed in last. */
export const holders = () => transaction(["keys"], "readonly", (store) => store("keys").getAllKeys());
