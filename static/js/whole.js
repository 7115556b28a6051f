// A photo alone on the whole screen: a tap brings the spot under the finger nearer, the next one leads back; so does
// the browser's Back, to the sheet below.

import { make } from "./make.js";
import { say } from "./say.js";

let shown = null; // the dialog, while it is open

/** Show `box`, a photo with what is drawn over it, which stands in a sheet, and goes back there. */
export function enlarge(box) {
  const home = box.parentElement, gap = document.createComment("");
  const close = document.querySelector("dialog.sheet [data-action=close]").cloneNode(true);
  home.replaceChild(gap, box);
  shown = make("dialog", "whole", make("div", "sheet-head", close), box);
  shown.setAttribute("aria-label", say("photo.whole"));
  close.addEventListener("click", () => history.back());
  shown.addEventListener("cancel", (event) => { event.preventDefault(); history.back(); });
  shown.addEventListener("close", () => { gap.replaceWith(box); shown.remove(); shown = null; });
  box.addEventListener("click", near);
  document.body.append(shown);
  history.pushState({ sheet: true }, "");
  shown.showModal();
}

/** The spot that was tapped stays under the finger. */
function near({ target, clientX, clientY }) {
  if (!shown || !target.matches(".large")) return;
  const before = target.getBoundingClientRect();
  const [x, y] = [(clientX - before.left) / before.width, (clientY - before.top) / before.height];
  shown.classList.toggle("near");
  const after = target.getBoundingClientRect();
  shown.scrollBy(after.left + x * after.width - clientX, after.top + y * after.height - clientY);
}

addEventListener("popstate", () => shown?.close()); // the sheet stays: sheet.js
