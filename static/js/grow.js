// Fields as tall as what is written in them, where style sheets cannot say so (Safari before 26.2): see field-sizing.

const able = CSS.supports("field-sizing", "content");

/** A field was written into. */
export function grow(field) {
  if (able || !field.matches?.("#main textarea")) return;
  field.style.height = "";
  if (field.value) field.style.height = `${field.scrollHeight + field.offsetHeight - field.clientHeight}px`;
}

/** Begin: what is written already, and whatever will be. */
export function begin() {
  if (able) return;
  for (const field of document.querySelectorAll("#main textarea")) grow(field);
  document.addEventListener("input", ({ target }) => grow(target));
}
