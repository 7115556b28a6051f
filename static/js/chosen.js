// Says which file was chosen; without this the browser's own field stands there, and speaks the browser's language.

for (const field of document.querySelectorAll("[data-chosen]")) {
  const name = field.querySelector("[data-name]");
  const none = name.textContent;
  field.querySelector("input").addEventListener("change", (event) => {
    name.textContent = event.target.files[0]?.name ?? none;
  });
}
