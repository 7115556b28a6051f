// Where work stands on the page: the card under the eyes, how far it is scrolled, the open sheet. Written down while one
// works, so that a page that was thrown away comes back to the same place.

import { bring } from "./cards.js";

const page = document.body.dataset;
const main = document.querySelector("#main");
const dialog = document.querySelector("dialog.sheet");
const OPENERS = [".guide", ".last", "[data-photo]", "[data-action=sync]", "[data-action=missing]", "[data-action=leaving]"];
const SETTLED = 400; // ms without scrolling or answering
let timer = 0;
let stood = ""; // where work stood when this page was opened
let left = null; // how to find what had opened the sheet with which the page went, until somebody touches the page

function write(name, value) {
  try {
    if (value) localStorage.setItem(`${name}:${page.inspection}`, value);
    else localStorage.removeItem(`${name}:${page.inspection}`);
  } catch { /* private window: nothing to remember with */ }
}

function soon() {
  clearTimeout(timer);
  timer = setTimeout(note, SETTLED);
}

/** The card, or else the part (equipment, remarks …), at the upper third of the screen, and where its top stands. */
function note() {
  clearTimeout(timer);
  if (dialog.open || !main.getClientRects().length) return;
  const { left, width } = main.getBoundingClientRect();
  const here = document.elementFromPoint(left + width / 2, innerHeight / 3);
  const place = here?.closest("form.item") ?? here?.closest("section.part");
  if (place) write("at", `${(place.querySelector(":scope > fieldset") ?? place).id} ${Math.round(place.getBoundingClientRect().top)}`);
}

/** How to find what opened the sheet, on a page loaded anew. */
function way(target) {
  const opener = target.closest?.(OPENERS.join());
  if (!opener) return null;
  const item = opener.closest("[data-item]")?.dataset.item;
  const mark = OPENERS.find((one) => opener.matches(one));
  if (mark === "[data-photo]") return `[data-photo="${opener.dataset.photo}"]`;
  return item ? `[data-item="${item}"] ${mark}` : mark;
}

/** Begin to write down where work stands. */
export function begin() {
  try {
    left = localStorage.getItem(`open:${page.inspection}`);
    stood = localStorage.getItem(`at:${page.inspection}`) ?? "";
  } catch { /* as above */ }
  for (const touch of ["pointerdown", "keydown"]) addEventListener(touch, settled, { capture: true, once: true });
  addEventListener("scroll", soon, { passive: true });
  document.addEventListener("change", soon);
  addEventListener("pagehide", note);
  document.addEventListener("visibilitychange", note);
  addEventListener("click", ({ target }) => { const found = way(target); if (found) write("open", found); }, true);
  dialog.addEventListener("close", () => write("open", null));
}

/** Whoever works already is not to be shown what was open before. */
function settled() {
  if (left) write("open", null);
  left = null;
}

/** Open the sheet that was open when the page went; back to a part of the page (to a card it was at once: capture.js). */
export function reopen() {
  const [id, top] = /^#[A-Z]/.test(location.hash) ? [] : stood.split(" "); // a part in the address was gone to before that
  const part = [...main.querySelectorAll("section.part")].find((one) => one.id === id);
  if (part) bring(part).then(() => scrollBy(0, part.getBoundingClientRect().top - top));
  const found = left;
  settled();
  if (found && !document.querySelector("dialog[open]")) document.querySelector(found)?.click();
}
