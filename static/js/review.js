// The desk's keys: J and K walk, A accepts, R opens the reason, Ctrl and Enter mark with it, P goes to approval, the arrows
// turn the photos. All else works without.

import { overlay } from "./shapes.js";

const strip = document.querySelector("[data-strip]");
const details = document.querySelector(".desk-return");

document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.id === "field-reason") return event.target.form.querySelector("[formaction]").click();
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const radio = event.target.matches("input[type=radio]"); // how a photo is looked at: arrows are its own
  if (radio && event.key.startsWith("Arrow")) return;
  if (!radio && event.target.closest("textarea, input, select, [contenteditable]")) {
    if (event.key === "Escape") fold();
    return;
  }
  if (event.key === "Escape") return fold();
  if (event.key === "ArrowLeft" || event.key === "ArrowRight") return turn(event, event.key === "ArrowLeft" ? -1 : 1);
  const key = event.key.toLowerCase();
  const control = /^[jkarp]$/.test(key) && document.querySelector(`[data-key="${key}"]`);
  if (!control || event.repeat && key === "a") return;
  event.preventDefault();
  control.click();
  if (key === "r") reason(); // at once: the next key is a letter of the reason, not another decision
});

/** The reason's form goes away, and the keyboard is where it was opened. */
function fold() {
  if (!details?.open) return;
  details.open = false;
  details.querySelector("summary").focus();
}

/** Where the reason's form stands open, one writes; whoever is in it already, stays where they are: browsers tell late that
 *  it was opened. */
function reason() {
  if (details?.open && !details.querySelector("form").contains(document.activeElement)) details.querySelector("textarea").focus();
}

/** One photo on or back; the strip itself snaps. */
function turn(event, step) {
  if (!strip) return;
  event.preventDefault();
  strip.scrollBy({ left: step * strip.clientWidth, behavior: "auto" });
}

details?.addEventListener("toggle", reason);
reason();

for (const link of document.querySelectorAll(".desk-thumbs a")) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    const photo = document.querySelector(link.getAttribute("href"));
    strip.scrollTo({ left: photo.offsetLeft - strip.offsetLeft, behavior: "auto" });
  });
}

// what the team drew lies over the untouched picture, never in it
for (const view of document.querySelectorAll("[data-shapes]")) {
  const picture = view.querySelector("img");
  const lay = () => view.append(overlay(picture, JSON.parse(view.dataset.shapes)));
  if (picture.complete && picture.naturalWidth) lay();
  else picture.addEventListener("load", lay, { once: true });
}

// on a narrow screen the list of items stands folded above the item
const list = document.querySelector(".desk-items details");
const narrow = matchMedia("(max-width: 1099px)"), fit = () => { if (list) list.open = !narrow.matches; };
fit();
narrow.addEventListener("change", fit);
if (list) list.dataset.ready = "";
document.querySelector(".desk-line[aria-current]")?.scrollIntoView({ block: "nearest" });
