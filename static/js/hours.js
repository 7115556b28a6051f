// Hours as people type them.

/** 8:30, 8h30, 0830 → «08:30». Fields of their own for hours show AM and PM on tablets set up in English. */
export function hour(text) {
  const [, hours, minutes] = /^([01]?\d|2[0-3])[:h.]?([0-5]\d)$/.exec(text.trim()) ?? [];
  return minutes ? `${hours.padStart(2, "0")}:${minutes}` : null;
}

/** An hour as it is written, once it has been typed; what is none is marked, and said. */
export function tidy(field) {
  if (!["opened", "closed"].includes(field.name)) return;
  field.value = hour(field.value) ?? field.value;
  if (field.value && !hour(field.value)) field.setAttribute("aria-invalid", "true");
  else field.removeAttribute("aria-invalid");
  const fields = field.closest("fieldset");
  fields.querySelector("[data-wrong-hour]").hidden = !fields.querySelector("[aria-invalid]");
}

/** What ends before it begins is said, because papers would say so too; one that went on past midnight may stay as it is. */
export function early(form) {
  const [opened, closed] = ["opened", "closed"].map((name) => hour(form.elements[name].value));
  form.querySelector("[data-early]").hidden = !(opened && closed && closed < opened);
}
