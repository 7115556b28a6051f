// The second file of the page: what nobody needs for reading and answering. Fetched once answering works, or at the
// first touch; whoever needs it before waits for it, and it is tried again until it is here.

const AGAIN = 3_000;
let whole = null;
let triedOnce;

/** Settles when the file has come or has failed for the first time. */
export const tried = new Promise((done) => { triedOnce = done; });

/** The exports of rest.js. Never rejects: without a network it stays open until there is one. */
export function later() {
  return (whole ??= load().finally(triedOnce));
}

async function load() {
  for (let turn = 0; ; turn++) {
    try {
      return await (turn ? import(`./rest.js?${turn}`) : import("./rest.js")); // some remember that an address failed
    } catch {
      triedOnce();
      await new Promise((done) => { setTimeout(done, AGAIN); addEventListener("online", done, { once: true }); });
    }
  }
}
