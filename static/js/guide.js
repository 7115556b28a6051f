// What counts as passing, and the law behind an item, in the sheet: fetched once, when work begins, from the page that
// shows the same without script.

import { make } from "./make.js";
import { say } from "./say.js";
import { show } from "./sheet.js";

const page = document.body.dataset;
let told = null; // a promise of the guide's document

/** Have the guide at hand before anyone asks. */
export function fetchGuide() {
  told ??= fetch(page.guide, { cache: "force-cache" })
    .then((answer) => (answer.ok ? answer.text() : Promise.reject(answer.status)))
    .then((text) => new DOMParser().parseFromString(text, "text/html"))
    .catch(() => { told = null; return null; });
  return told;
}

/** Show what is said of an item. */
export async function showGuide(item) {
  const found = (await fetchGuide())?.getElementById(item.id);
  const parts = found ? [...found.children].slice(1).map((part) => document.importNode(part, true)) : [make("p", "", say("guide.away"))];
  show(`${item.id} · ${say("guide.title")}`, [make("h3", "asked", item.text), ...parts]);
}

/** How an item is checked: the parts of its «verify», or nothing while the guide is not here. */
export async function waysToCheck(item) {
  const said = (await fetchGuide())?.getElementById(item.id)?.querySelector(".verify")?.textContent ?? "";
  return said.split(";").map((part) => part.trim()).filter(Boolean);
}
