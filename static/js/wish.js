// Handing in that waits for a network: the wish is kept on this device and comes true once the server can be asked again, if
// the page is open then. What was changed after the wish is asked about first.

import { make } from "./make.js";
import { say } from "./say.js";
import { button, show } from "./sheet.js";
import * as store from "./store.js";

const page = document.body.dataset;
const name = `wish ${page.inspection}`;
const handing = document.querySelector("[data-action=submit]");
const said = document.querySelector("[data-submit-said]");
const AGAIN = 30_000; // ms: a browser does not always tell that there is a network again
let act = null; // what is done once there is a network
let timer = 0;

/** What stands on the page. */
const standing = () => JSON.stringify([
  ...[...document.querySelectorAll("#main :is(input:not([type=file], [type=hidden]), textarea)")].map((field) => (field.matches("[type=radio], [type=checkbox]") ? field.checked : field.value)),
  document.querySelectorAll("#main [data-photo]:not([hidden])").length]);

/** No wish is left, or none that was not said anew. */
export async function forget() {
  act = null;
  await store.setDraft(page.user, name, undefined).catch(() => {});
}

/** Remember that the visit is to be handed in by `again(explained)`; see handIn in closing.js. */
export async function keep(again, explained) {
  wait(again);
  await store.setDraft(page.user, name, { at: Date.now(), explained, standing: standing() }).catch(() => {});
}

function wait(again) {
  act = again;
  const drop = make("button", "button button-quiet", say("wish.drop"));
  drop.type = "button";
  drop.addEventListener("click", () => forget().then(() => { said.textContent = ""; }));
  said.replaceChildren(say("wish.kept"), " ", drop);
  clearTimeout(timer);
  timer = setTimeout(fulfil, AGAIN);
}

/** There may be a network again. */
async function fulfil() {
  if (!act || !navigator.onLine || document.querySelector("dialog[open]") || handing.disabled) return; // a tab that only reads
  const kept = await store.draft(page.user, name), again = act;
  if (!kept || !again) return;
  if (kept.standing === standing()) return again(kept.explained);
  const later = () => forget().then(() => { said.textContent = ""; });
  show(say("wish.title"), [make("p", "", say("wish.changed")),
    make("div", "row", button("button-primary", say("wish.yes"), () => again(0)), button("button-secondary", say("wish.no"), later))]);
}

/** The page is open again, or for the first time since the wish. */
export async function resume(again) {
  if (page.open === "no") return forget();
  if (!(await store.draft(page.user, name))) return;
  wait(again);
  fulfil();
}

addEventListener("online", fulfil);
for (const news of ["arrived", "news", "visibilitychange"]) document.addEventListener(news, fulfil);
