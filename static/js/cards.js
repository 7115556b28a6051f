// Cards out of sight are not laid out (capture.css), so that a weak tablet can answer at once; what follows from that.

const FEW = 3;
const frame = () => new Promise(requestAnimationFrame);
/** Resolves when nothing else is to be done, or after that many milliseconds. */
export const idle = (timeout = 300) => new Promise((done) => (globalThis.requestIdleCallback ? requestIdleCallback(done, { timeout }) : setTimeout(done, 20)));

/** Chrome looks for fields to fill in: form by form, opening every closed card, for most of a second on a weak tablet.
 *  Inside one form it gives up at field 200; so here is one around all the others. */
export function wrap(main) {
  const around = document.createElement("form");
  main.before(around);
  around.append(main);
}

/** Let every card be laid out once, a few at a time and unseen by the eyes: it is told how tall it is, and closed again
 *  before anything is painted. Where what stands above the screen would push it down meanwhile, all stay open at once. */
export async function measure(cards) {
  const closed = CSS.supports("overflow-anchor", "auto");
  for (let at = 0; at < cards.length; at += FEW) {
    if (closed) await idle();
    const group = cards.slice(at, at + FEW);
    for (const card of group) card.dataset.open = "";
    if (!closed) continue;
    const heights = group.map((card) => card.getBoundingClientRect().height);
    for (const [i, card] of group.entries()) {
      card.style.containIntrinsicBlockSize = `auto ${heights[i]}px`;
      delete card.dataset.open;
    }
  }
}

/** Bring a card to the top of the screen; a far one at once, because those on the way take their true height only then. */
export async function bring(card, smooth) {
  const near = Math.abs(card.getBoundingClientRect().top) < 2 * innerHeight;
  if (smooth && near) return card.scrollIntoView({ block: "start", behavior: "smooth" });
  for (let turn = 0; turn < 3; turn++) {
    card.scrollIntoView({ block: "start", behavior: "instant" });
    await frame();
  }
}

/** Resolves once the page has been painted (at once, if it has been already); in a tab that nobody sees, soon. */
export const shown = () => performance.getEntriesByType("paint").length || new Promise((done) => {
  requestAnimationFrame(() => setTimeout(done));
  setTimeout(done, 200);
});
