// Fields as tall as what is written in them, where style sheets cannot say so (Safari before 26.2): see field-sizing. A note
// of several lines has the whole row of its card; where style sheets can, answer.css sees by itself that one does not fit.

const able = CSS.supports("field-sizing", "content");

/** A field was written into. */
export function grow(field) {
  if (!field.matches?.("#main textarea")) return;
  const note = field.parentElement, long = field.value.includes("\n");
  note.toggleAttribute("data-long", long || !able && field.value !== "" && "long" in note.dataset);
  if (able) return;
  stretch(field);
  if (field.offsetHeight <= parseFloat(getComputedStyle(field).minHeight) || "long" in note.dataset) return;
  note.dataset.long = "";
  stretch(field);
}

function stretch(field) {
  field.style.height = "";
  if (field.value) field.style.height = `${field.scrollHeight + field.offsetHeight - field.clientHeight}px`;
}

/** Begin: what is written already, and whatever will be. */
export function begin() {
  for (const field of document.querySelectorAll("#main textarea")) if (!able || field.value.includes("\n")) grow(field);
  document.addEventListener("input", ({ target }) => grow(target));
}
