// The sheet from below: one <dialog>, filled anew each time; the browser's Back closes it before it leaves the page.

import { make } from "./make.js";

const dialog = document.querySelector("dialog.sheet");
const title = dialog.querySelector("h2");
const body = dialog.querySelector(".sheet-body");
let after = null;
title.tabIndex = -1;

/** Show `nodes` under `heading`; `closed` is called once, when the sheet is gone. */
export function show(heading, nodes, closed = null) {
  title.textContent = heading;
  body.replaceChildren(...nodes);
  after = closed;
  if (!dialog.open) {
    history.pushState({ sheet: true }, "");
    dialog.showModal();
  } else if (document.activeElement === document.body) title.focus(); // what was pressed went with what stood here
  body.scrollTop = 0; // it opens where it stood when it was closed
}

/** Close the sheet, as Back does. */
export function close() {
  if (dialog.open) history.back();
}

/** Close the sheet, then `act`. */
export function leave(act) {
  after = act;
  close();
}

/** A button of the sheet; `act` runs after the sheet has closed when `closing`. */
export function button(looks, label, act, closing = true) {
  const made = make("button", `button ${looks}`, label);
  made.type = "button";
  made.addEventListener("click", () => {
    if (!closing) return act();
    leave(act);
  });
  return made;
}

function gone() {
  if (dialog.open) dialog.close();
  const next = after;
  after = null;
  next?.();
}

if (history.state?.sheet) history.replaceState(null, "");
addEventListener("popstate", () => document.querySelector(".whole") || gone()); // what lay over the sheet was left
dialog.addEventListener("cancel", (event) => { event.preventDefault(); close(); });
dialog.addEventListener("click", (event) => {
  if (event.target === dialog || event.target.closest("[data-action=close]")) close();
});
