// Why a count of equipment is not kept, said where it was typed.

import { typing } from "./extras.js";
import { say } from "./say.js";
import { held } from "./sending.js";

const before = new Map(); // box in which one types → what was said of what it had been kept with

/** Mark the fields and say what is wrong with two numbers; once nothing is, say again what became of those that were kept.
 *  That one is missing is said only to those who have left; who goes from one to the other has not, but nothing has the
 *  keyboard in between. */
export function blame(box, left) {
  setTimeout(judge, 0, box, left);
}

function judge(box, left = !box.contains(document.activeElement)) {
  const fields = [...box.querySelectorAll("input")].slice(0, 2), why = flaw(box, left);
  for (const field of fields) field.toggleAttribute("aria-invalid", why !== "" && why !== "kit.both");
  if ((box.dataset.flaw ?? "") === why) return;
  if (why) box.dataset.flaw = why;
  else delete box.dataset.flaw;
  box.querySelector(".saved").textContent = say(why || `state.${box.dataset.state}`);
}

/** Why a count is not kept as it stands, or "". A note alone is not kept, and a count that was kept is not taken back by
 *  emptying the fields. */
export function flaw(box, left) {
  const [all, fit, note] = [...box.querySelectorAll("input")].map(({ value }) => value.trim()), kept = box.dataset.state !== "empty" || before.has(box);
  if ([all, fit].some((typed) => typed && !/^\d{1,6}$/.test(typed))) return "kit.whole";
  if (!all || !fit) return left && (all || fit || note || kept) ? "kit.both" : "";
  return Number(fit) > Number(all) ? "kit.over" : "";
}

/** Of what is being typed nothing is said that was true of what stood there before. */
function unsay(box) {
  if (!box || box.dataset.state === "empty") return;
  before.set(box, [box.dataset.state, box.querySelector(".saved").textContent]);
  box.dataset.state = "empty";
  if (!box.dataset.flaw) box.querySelector(".saved").textContent = "";
}

/** Who left it as it was is told again what was. */
function resay(box) {
  setTimeout(() => {
    if (box?.dataset.state !== "empty" || held(typing(box)) || !before.has(box)) return;
    const [state, words] = before.get(box);
    box.dataset.state = state;
    box.querySelector(".saved").textContent = words;
  });
}

/** From now on also whoever goes on with one number missing hears of it. What was typed and taken out again makes no
 *  `change` of its own: without one it would be waited for as unsaved, and the visit could not be handed in. */
export function begin() {
  document.querySelector("#main").addEventListener("input", ({ target }) => unsay(target.closest("[data-equipment], [data-remark]")));
  document.querySelector("#main").addEventListener("focusout", ({ target }) => resay(target.closest("[data-remark]")));
  document.querySelector("#equipment").addEventListener("focusout", ({ target, relatedTarget }) => {
    const box = target.closest("fieldset");
    if (box && held(typing(box))) target.dispatchEvent(new Event("change", { bubbles: true }));
    if (box && !box.contains(relatedTarget)) blame(box, true);
  });
}
