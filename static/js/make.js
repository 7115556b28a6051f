// Elements made by the script; words always come in as text.

/** An element with text and children: make("p", "soft", "…"). */
export function make(tag, looks = "", ...inside) {
  const made = document.createElement(tag);
  if (looks) made.className = looks;
  made.append(...inside);
  return made;
}
