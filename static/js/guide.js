// What counts as passing, the law behind an item, what the last visit saw, in the sheet. The first two are fetched once,
// when work begins, from the page that shows the same without script.

import { make } from "./make.js";
import { reach } from "./reach.js";
import { say } from "./say.js";
import { show } from "./sheet.js";

const PATIENCE = 20_000;
let told = null; // a promise of the guide's document
let cache = "force-cache"; // unless the browser has kept a stranger's

/** Have the guide at hand before anyone asks. */
export function fetchGuide() {
  told ??= fetch("guide", { cache, signal: AbortSignal.timeout?.(PATIENCE) })
    .then((answer) => (answer.ok ? answer.text() : Promise.reject(answer.status)))
    .then((text) => new DOMParser().parseFromString(text, "text/html"))
    .then((doc) => (doc.querySelector(".guidance") ? doc : Promise.reject(doc.title))) // else a stranger answered
    .catch(() => { told = null; cache = "reload"; return null; });
  return told;
}

/** Show what is said of an item. */
export async function showGuide(item) {
  const found = (await reach("", fetchGuide))?.getElementById(item.id);
  const parts = found ? [...found.children].slice(1).map((part) => document.importNode(part, true)) : [make("p", "", say("guide.away"))];
  show(`${item.id} · ${say("guide.title")}`, [make("h3", "asked", item.text), ...parts]);
}

/** The photo of the last visit, large, with what was said then; without a network the small one. */
export function showLast(item, link) {
  const small = link.querySelector("img");
  const large = Object.assign(new Image(), { className: "large", alt: small.alt });
  large.onerror = () => { large.onerror = null; large.src = small.src; };
  large.src = link.href;
  show(small.alt, [make("h3", "asked", item.text), make("p", "", link.nextElementSibling.textContent), large]);
}
