// Narrows a list of agencies or people while one types: without marks, every typed word must stand in the name.

/** As rules/wording.py folds: no diacritics, the barred d as d, lower case. */
function fold(text) {
  return text.toLowerCase().replaceAll("\u0111", "d").normalize("NFD").replace(/\p{M}/gu, "");
}

/** How far below the top of the window something begins. */
function top(node) {
  return node.getBoundingClientRect().top;
}

for (const search of document.querySelectorAll("[data-pick]")) {
  const box = search.closest("fieldset");
  const rows = [...box.querySelectorAll("[data-fold]")];
  const none = box.querySelector("[data-pick-none]");
  const narrow = () => {
    const words = fold(search.value).split(/\s+/).filter(Boolean);
    let left = 0;
    for (const row of rows) {
      const fits = words.every((word) => fold(row.dataset.fold).includes(word));
      row.hidden = !fits && !row.querySelector(":checked"); // who is chosen stays in sight
      left += fits;
    }
    none.hidden = left > 0;
  };
  search.addEventListener("input", narrow);
  if (search.value) narrow(); // typed before this file was here
  search.addEventListener("keydown", (event) => event.key === "Enter" && event.preventDefault());
  const chosen = box.querySelector("input:checked")?.closest("li");
  // only the list moves: the page stays at its top
  if (chosen) chosen.parentElement.scrollTop += top(chosen) - top(chosen.parentElement);
}

// an agency is asked for only where the chosen role has one
const role = document.querySelector("[data-pick-role]");
if (role) {
  const box = document.querySelector(".pick");
  const show = () => { box.hidden = role.value !== role.dataset.pickRole; };
  role.addEventListener("change", show);
  show();
}
