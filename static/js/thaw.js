// A page that is left and comes back by Back may come back as it was, with its scripts; but WebKit then empties what stands in
// forms that are not to be completed by the browser. What a person sees, and the next touch writes down, is put back.

const FIELDS = "form[autocomplete=off] :is(input:not([type=file], [type=hidden]), textarea, select)";
const LATER = 100; // milliseconds: it is emptied a moment after the page hears that it is back
let said = [];

const of = (field) => (["radio", "checkbox"].includes(field.type) ? "checked" : "value");

/** From now on every field comes back with what stood there. */
export function begin() {
  addEventListener("pagehide", ({ persisted }) => {
    if (persisted) said = [...document.querySelectorAll(FIELDS)].map((field) => [field, of(field), field[of(field)]]);
  });
  addEventListener("pageshow", ({ persisted }) => {
    if (!persisted) return;
    const touched = new AbortController();
    for (const name of ["pointerdown", "keydown"]) addEventListener(name, () => touched.abort(), { capture: true, signal: touched.signal });
    for (const wait of [0, LATER]) setTimeout(() => touched.signal.aborted || back(), wait);
    back();
  });
}

function back() {
  for (const [field, name, was] of said) if (field[name] !== was) field[name] = was;
}
