// What colleagues have sent, shown on this tablet: their answers and photos, and where two people differ. Nothing is
// written over that is unsent here or being typed.

import { beside } from "./beside.js";
import { Trouble } from "./link.js";
import { learn } from "./marks.js";
import { takeOut, tally } from "./photos.js";
import { held } from "./sending.js";
import * as severity from "./severity.js";
import { withdrawn } from "./shelving.js";
import { forgetWithdrawn } from "./store.js";

const page = document.body.dataset;
const undo = document.querySelector("[data-undo]");
let name = null; // of the state that was shown last
const out = new Map(); // withdrawn photo → when its removal is kept: two that refresh at a time make one removal
const gone = new Set(); // photos that a colleague has taken out
const absent = new Set(); // photos that were withdrawn here, and that the server did not have either

/** Fetch what the team has, and show what is new. Throws when the server does not say it. */
export async function refresh({ items, progress }) {
  const arrived = [...document.querySelectorAll('#main .proof [data-photo][data-state="server"]:not([hidden])')]; // so the server knows these
  const shelved = await withdrawn();
  if (!shelved.every((id) => absent.has(id))) name = null;
  const answer = await fetch(`/inspections/${page.inspection}/team`, { cache: "no-store", redirect: "error", headers: name ? { "If-None-Match": name } : {}, signal: AbortSignal.timeout?.(20_000) });
  if (answer.status === 304) return; // nothing new
  if (!answer.ok) throw new Trouble("busy");
  if (answer.headers.get("X-Audit-User") !== page.user) throw new Trouble("offline"); // a stranger answered, who knows of no photo
  const doc = new DOMParser().parseFromString(await answer.text(), "text/html");
  page.stands = doc.body.dataset.stands;
  let all = true;
  for (const news of doc.querySelectorAll("[data-news]")) {
    const item = items.get(news.dataset.news);
    if (item) all = show(item, news) && all;
  }
  const there = shelved.filter((id) => doc.querySelector(`[data-photo="${id}"]`));
  for (const id of shelved) if (!there.includes(id)) absent.add(id);
  all = await takeBack(there, items) && all;
  for (const thumb of arrived) if (!doc.querySelector(`[data-photo="${thumb.dataset.photo}"]`)) {
    gone.add(thumb.dataset.photo);
    takenOut(thumb, items);
  }
  for (const { dataset, content } of doc.querySelectorAll("[data-beside]")) {
    const box = document.querySelector(`#main [data-${dataset.beside}="${dataset.kind}"]`);
    if (box && !box.disabled) all = beside(box, dataset, JSON.parse(dataset.values), content) && all;
  }
  name = all ? answer.headers.get("ETag") : null; // what was passed over is looked at again
  progress.paint();
  document.dispatchEvent(new Event("news"));
}

/** Whether everything about the item could be shown. */
function show(item, news) {
  pictures(item, news);
  const { row, known = "", answer, said } = news.dataset;
  if (busy(item)) return false;
  item.box.querySelector("[data-sides]")?.remove();
  const sides = news.querySelector("[data-sides]");
  const ids = known.split(" ").filter(Boolean);
  if (sides) {
    item.box.querySelector(".proof").before(document.importNode(sides, true));
    item.shown = row;
  } else if (row && !item.seen.includes(row)) {
    item.write(JSON.parse(answer));
    Object.assign(item, { row: null, shown: row, touched: true });
    item.paint();
    severity.show(item);
    item.state("server", said);
  }
  item.seen.push(...ids.filter((id) => !item.seen.includes(id)));
  return true;
}

/** Something of it is only here, or is under somebody's fingers. */
function busy(item) {
  return held(item.row) || held(`typing ${item.id}`) || "begun" in item.box.dataset || item.box.querySelector(":is(textarea, input:not([type=radio], [type=checkbox], [type=file])):focus");
}

/** The photos of colleagues. */
function pictures(item, news) {
  const strip = item.box.querySelector(".proof");
  for (const thumb of news.querySelectorAll(".proof [data-photo]")) {
    const { photo, markup } = thumb.dataset;
    const shown = document.querySelector(`[data-photo="${photo}"]`);
    if (!shown) strip.insertBefore(document.importNode(thumb, true), strip.querySelector(".shoot, .note"));
    else if (gone.delete(photo)) shown.hidden = false; // put back since
    if (markup) learn(photo, JSON.parse(markup));
  }
  tally(item);
}

/** A colleague took it out, whoever took it. */
function takenOut(thumb, items) {
  thumb.hidden = true;
  const item = items.get(thumb.closest("[data-item]")?.dataset.item);
  if (item) tally(item);
}

/** Take out what was withdrawn here and `there`, at the server, all the same. Returns whether none of it is left. */
async function takeBack(there, items) {
  if (there.length && !undo.hidden) return false; // it may be put back yet
  for (const id of there) {
    const thumb = document.querySelector(`[data-photo="${id}"]`);
    takenOut(thumb, items);
    if (!out.has(id)) out.set(id, takeOut(thumb).then(() => forgetWithdrawn(id)));
    await out.get(id);
  }
  return true;
}

/** The lead chooses one of the answers that stand side by side: an answer of their own that knows them all. */
export function choose({ record }, item, button) {
  const typing = button.matches(":focus-visible"); // a finger's keyboard stays down
  button.closest("[data-sides]").remove();
  item.write(JSON.parse(button.dataset.answer));
  item.answer = { ...item.answer, value: undefined };
  record(item, { quiet: true });
  if (typing) item.box.querySelector(":checked, [name=number]")?.focus();
}
