// What is not an item: counts of equipment, difficulties, proposals, the agency's explanation.

import { uuid } from "./ids.js";
import { later } from "./later.js";
import { say } from "./say.js";
import { expect, forget, held, keep } from "./sending.js";

const IDLE = 1_000;
export const latest = new Map(); // fieldset → id of its newest row
const typed = new Set(); // fieldsets of equipment into which something was typed since it was counted
export const typing = ({ dataset }) => `typing ${dataset.remark ?? dataset.equipment}`; // it is unsent before it is a row
const said = new Set(); // boxes of which something was said on this page
const known = new Map(); // textarea of a remark → its text as a row, here or at the server, says it

/** Begin: save a count when both numbers stand, a remark when the typing pauses. */
export function begin() {
  const kits = document.querySelector("#equipment");
  kits.addEventListener("change", ({ target }) => count(target.closest("fieldset")));
  kits.addEventListener("input", ({ target }) => {
    typed.add(target.closest("fieldset"));
    expect(typing(target.closest("fieldset")));
  });
  for (const [whom, name] of [[document, "visibilitychange"], [globalThis, "pagehide"]]) whom.addEventListener(name, () => typed.forEach(count));
  for (const box of document.querySelectorAll("[data-remark]")) {
    const text = box.querySelector("textarea");
    let timer = 0;
    known.set(text, text.value.trim());
    box.dataset.known = box.querySelector("[type=hidden]").value;
    const save = () => {
      clearTimeout(timer);
      forget(typing(box));
      const now = text.value.normalize("NFC").trim();
      if (now === known.get(text)) return;
      known.set(text, now);
      send(box, "remarks", { kind: box.dataset.remark, text: now, written_at: new Date().toISOString() });
    };
    text.addEventListener("input", (event) => {
      clearTimeout(timer);
      expect(typing(box));
      if (!event.isComposing) timer = setTimeout(save, IDLE);
    });
    text.addEventListener("compositionend", () => { clearTimeout(timer); timer = setTimeout(save, IDLE); });
    for (const name of ["change", "blur"]) text.addEventListener(name, save);
    document.addEventListener("visibilitychange", save);
    addEventListener("pagehide", save);
  }
}

function count(box) {
  if (!box) return;
  if (typed.delete(box)) forget(typing(box));
  const [all, fit, note] = [...box.querySelectorAll("input")].map(({ value }) => value.normalize("NFC").trim());
  later().then(({ blame }) => blame.blame(box));
  if ([all, fit].every((typed) => /^\d{1,6}$/.test(typed)) && Number(fit) <= Number(all)) {
    send(box, "equipment", { kind: box.dataset.equipment, total: Number(all), working: Number(fit), note, counted_at: new Date().toISOString() });
  } else expect(`half ${box.dataset.equipment}`); // until begun.js has kept it
}

function send(box, kind, told) {
  said.add(box);
  const row = { id: uuid(), ...told, ...(kind === "remarks" && { seen: box.dataset.known.split(" ").filter(Boolean) }) };
  keep(kind, row, listener(box, row.id));
}

export function fill(box, values) {
  [...box.querySelectorAll("textarea, input:not([type=hidden])")].forEach((field, i) => { field.value = values[i] ?? ""; });
  const text = box.querySelector("textarea");
  if (text) known.set(text, text.value.trim());
}

export function listener(box, id) {
  if (id) {
    latest.set(box, id);
    box.dataset.known = id;
  }
  return (state, message) => {
    if ((latest.get(box) ?? null) !== id) return;
    box.dataset.state = state;
    if (!box.dataset.flaw) box.querySelector(".saved").textContent = message ?? say(`state.${state}`);
  };
}

/** What was kept on this device and is not at the server yet: shown again, and its listener. */
export function restore({ kind, row }) {
  const box = document.querySelector(kind === "equipment" ? `[data-equipment="${row.kind}"]` : `[data-remark="${row.kind}"]`);
  if (!box || said.has(box) || held(typing(box)) || row.kept_at && box.querySelector("textarea, input:not([type=hidden])").value) return null;
  fill(box, kind === "remarks" ? [row.text] : [row.total, row.working, row.note]);
  return listener(box, row.id);
}
