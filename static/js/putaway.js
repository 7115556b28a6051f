// Putting away what others have on this device: their keys and pages go, so that nothing of it is shown any more, and what
// stood in clear is sealed with the key still in hand. Its owner finds everything after signing in again. Runs in pages and
// in the service worker alike.

import { seal } from "./leftovers.js";
import { holders, take } from "./lock.js";
import * as vault from "./vault.js";

const PATIENCE = 3_000;

/** Put away what is here of everybody but `user` (null: of all). Resolves once nothing of it can be opened any more;
 *  `{sealed}` is a promise that what stood in clear no longer does. */
export async function putAway(user = null) {
  const others = (await holders()).filter((holder) => holder !== user);
  const hands = await Promise.all(others.map(async (other) => [other, await vault.key(other) && vault.keys.get(other)]));
  await take(user);
  return { sealed: sealed(hands) };
}

async function sealed(hands) {
  for (const [user, hand] of hands) {
    await seal(user).catch(() => {});
    if (vault.keys.get(user) === hand) vault.keys.delete(user); // else it has come anew: she is back
  }
}

/** Have what this person keeps here sealed while the server still knows her: what was typed before her key first came too. */
export async function ready(user) {
  await Promise.race([vault.unlock(user, "/sync", true), new Promise((done) => setTimeout(done, PATIENCE))]);
  await seal(user);
}
