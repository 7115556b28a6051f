// The second file of the page: what nobody needs for reading and answering. Fetched at the first touch, with the first
// change, or when the page has been quiet; whoever needs it before waits for it, and it is tried again until it is here.

const AGAIN = 3_000;
let whole = null;

/** The exports of rest.js. Never rejects: without a network it stays open until there is one. */
export function later() {
  return (whole ??= load());
}

async function load() {
  for (let turn = 0; ; turn++) {
    try {
      return await (turn ? import(`./rest.js?${turn}`) : import("./rest.js")); // some remember that an address failed
    } catch {
      await new Promise((done) => { setTimeout(done, AGAIN); addEventListener("online", done, { once: true }); });
    }
  }
}
