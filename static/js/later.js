// The second file of the page: what nobody needs for reading and answering. Fetched at the first touch, with the first
// change, or when the page has been quiet; whoever needs it before waits for it, and it is tried again until it is here.

const AGAIN = 3_000;
const PATIENCE = 60_000; // some lines swallow a question, and no answer ever comes
let whole = null;

/** The exports of rest.js. Never rejects: without a network it stays open until there is one. */
export function later() {
  return (whole ??= until((turn) => (turn ? import(`./rest.js?${turn}`) : import("./rest.js")))); // some remember that an address failed
}

/** What `work(turn)` brings, begun again until it is here; a slow one goes on beside the next, and the first to come is it. */
export const until = (work) => new Promise(async (done) => {
  for (let turn = 0, here = false; !here; turn++) {
    await new Promise((next) => {
      work(turn).then((all) => { here = true; next(done(all)); }, () => setTimeout(next, AGAIN));
      setTimeout(next, PATIENCE);
    });
  }
});
