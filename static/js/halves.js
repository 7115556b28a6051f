// What stands in a field and is kept nowhere, for it cannot be right: counts, and numbers that are no answer. Asked before
// a visit is handed in, and before anybody signs.

import { flaw } from "./blame.js";
import { say } from "./say.js";

/** All that is to be done before a visit can be handed in: what is missing, and what is begun. */
export const gaps = (progress) => [...progress.missing, ...halves(progress)];

/** Each with its name, what is wrong, and the way there. What an item lacks anyway is not told twice. */
export function halves(progress) {
  const kits = [...document.querySelectorAll("[data-equipment]:enabled")].map((box) => [box, `${box.querySelector("legend").textContent} –`, flaw(box, true)]);
  const items = progress.items.filter((item) => item.open && !progress.lacks(item) && begun(item)).map((item) => [item.box, item.id, "missing.begun"]);
  return [...items, ...kits].filter(([, , why]) => why).map(([box, id, why]) => ({ item: { id, text: "" }, message: say(why), go: () => go(box) }));
}

/** Whether a number was typed that is no answer as it stands. */
const begun = (item) => item.read().number === null && [...item.box.querySelectorAll(".steps input")].some(({ value }) => value.trim());

function go(box) {
  box.scrollIntoView({ block: "center" });
  box.querySelector("[inputmode]").focus({ preventScroll: true });
}
