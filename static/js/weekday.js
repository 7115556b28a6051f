// Says under a day, while one types it, which day of the week it is; without this it is said once the page is sent.

const said = document.querySelector("[data-weekday]");
const field = said?.closest(".field").querySelector("input");

/** 0 to 6 from Sunday, as days are typed here (rules/typed_day.py), or null: it is no day. */
function weekday(typed) {
  const found = typed.trim().match(/^(\d{1,2})([/.-])(\d{1,2})\2((?:\d\d)?\d\d)$/);
  const [day, month, year] = found ? [found[1], found[3], found[4].padStart(4, "20")].map(Number) : typed.trim().split("-").map(Number).reverse();
  const meant = new Date(Date.UTC(year, month - 1, day));
  return meant.getUTCDate() === day && meant.getUTCMonth() === month - 1 ? meant.getUTCDay() : null;
}

field?.addEventListener("input", () => {
  const at = weekday(field.value);
  const words = document.querySelector(at === null ? "[data-weekday-none]" : "[data-weekday-said]").content.cloneNode(true);
  if (at !== null) words.querySelector("b").textContent = said.dataset.weekday.split("|")[at];
  said.replaceChildren(words);
});
