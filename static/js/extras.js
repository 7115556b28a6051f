// What is not an item: counts of equipment, difficulties, proposals, the agency's explanation.

import { uuid } from "./ids.js";
import { later } from "./later.js";
import { say } from "./say.js";
import { expect, forget, keep } from "./sending.js";

const IDLE = 1_000;
export const latest = new Map(); // fieldset → id of its newest row
const known = new Map(); // textarea of a remark → its text as a row, here or at the server, says it

/** Begin: save a count when both numbers stand, a remark when the typing pauses. */
export function begin() {
  document.querySelector("#equipment").addEventListener("change", ({ target }) => count(target.closest("fieldset")));
  for (const box of document.querySelectorAll("[data-remark]")) {
    const text = box.querySelector("textarea");
    const typed = `typing ${box.dataset.remark}`; // what is being typed is unsent before it is a row
    let timer = 0;
    known.set(text, text.value.trim());
    const save = () => {
      clearTimeout(timer);
      forget(typed);
      const now = text.value.normalize("NFC").trim();
      if (now === known.get(text)) return;
      known.set(text, now);
      send(box, "remarks", { kind: box.dataset.remark, text: now, written_at: new Date().toISOString() });
    };
    text.addEventListener("input", (event) => {
      clearTimeout(timer);
      expect(typed);
      if (!event.isComposing) timer = setTimeout(save, IDLE);
    });
    for (const name of ["change", "blur", "compositionend"]) text.addEventListener(name, save);
    document.addEventListener("visibilitychange", save);
    addEventListener("pagehide", save);
  }
}

function count(box) {
  if (!box) return;
  const [all, fit, note] = [...box.querySelectorAll("input")].map(({ value }) => value.normalize("NFC").trim());
  later().then(({ blame }) => blame.blame(box));
  if ([all, fit].every((typed) => /^\d{1,6}$/.test(typed)) && Number(fit) <= Number(all)) {
    send(box, "equipment", { kind: box.dataset.equipment, total: Number(all), working: Number(fit), note, counted_at: new Date().toISOString() });
  }
}

function send(box, kind, said) {
  const row = { id: uuid(), ...said };
  keep(kind, row, listener(box, row.id));
}

function listener(box, id) {
  latest.set(box, id);
  return (state, message) => {
    if (latest.get(box) !== id) return;
    box.dataset.state = state;
    if (!box.dataset.flaw) box.querySelector(".saved").textContent = message ?? say(`state.${state}`);
  };
}

/** What was kept on this device and is not at the server yet: shown again, and its listener. */
export function restore({ kind, row }) {
  const box = document.querySelector(kind === "equipment" ? `[data-equipment="${row.kind}"]` : `[data-remark="${row.kind}"]`);
  if (!box) return null;
  if (kind === "remarks") {
    const text = box.querySelector("textarea");
    text.value = row.text;
    known.set(text, row.text);
  } else [row.total, row.working, row.note].forEach((value, i) => { box.querySelectorAll("input")[i].value = value; });
  return listener(box, row.id);
}
