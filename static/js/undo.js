// One step back: a bar for six seconds after every change. History is kept: undoing is an answer of its own.

const SECONDS = 6;
const bar = document.querySelector("[data-undo]");
const words = bar.querySelector("span");
let revert = null;
let taken = null;
let timer = 0;

/** What a tap takes back from now on: the newest change, though its sentence comes a moment later. */
export const mean = (back) => (revert = back);

/** Offer to take back what was just done, if it has not been taken back yet. */
export function offer(sentence, back) {
  if (back === taken) return;
  clearTimeout(timer);
  words.textContent = sentence;
  revert = back;
  bar.hidden = false;
  timer = setTimeout(hide, SECONDS * 1000);
}

function hide() {
  bar.hidden = true;
  revert = null;
}

bar.addEventListener("click", ({ target }) => {
  if (!target.closest("button")) return;
  const back = revert;
  hide();
  taken = back;
  back?.();
});
