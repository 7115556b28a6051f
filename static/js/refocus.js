// Who works by keyboard goes on at the answer they were at when the button they pressed goes away.

const bar = document.querySelector("[data-undo]");
let last = null;

/** Remember the answer the keyboard is at, and come back to it when a change was taken back. */
export function begin() {
  addEventListener("focusin", ({ target }) => { if (target.matches("#main [name=value], #main [name=choices]")) last = target; });
  bar.addEventListener("click", () => setTimeout(() => { if (bar.hidden) last?.focus({ preventScroll: true }); }));
}
