// The tablet's page: wires taps, typing and buttons to answers. What it does not decide stands in the modules below it;
// what nobody needs for reading and answering stands in rest.js and comes with the first touch, or a moment later.

import { bring, idle, measure, shown, wrap } from "./cards.js";
import * as extras from "./extras.js";
import { uuid } from "./ids.js";
import { Item, same } from "./items.js";
import { later } from "./later.js";
import { Progress } from "./progress.js";
import { say } from "./say.js";
import { begin, expect, forget, keep } from "./sending.js";
import { mean, offer } from "./undo.js";

const IDLE = 1_000;
const SOON = 100; // after a tap, what comes with it
const MOST = 100; // of the answers that an answer says it knew
const QUIET = 1_500; // after the page is ready, before it fetches what only work needs
const page = document.body.dataset;
const main = document.querySelector("#main");
wrap(main);
const items = new Map([...main.querySelectorAll("fieldset[data-item]")].map((box) => [box.dataset.item, new Item(box)]));
const progress = new Progress([...items.values()]);
const typing = new Map(); // item → timer
const gallery = document.querySelector("[data-gallery]");
let picking = null; // the item for which pictures are being chosen
let pressed = null; // the answer that was already chosen when the finger went down
let touch = 0; // when a finger or mouse last went down
let painting = false;

const itemOf = (target) => items.get(target.closest?.("fieldset[data-item]")?.dataset.item);

/** Keep what stands in the controls of an item, if it is new; offers to take it back unless `quiet`. */
function record(item, { quiet = false, group = false } = {}) {
  clearTimeout(typing.get(item));
  if (typing.delete(item)) forget(`typing ${item.id}`);
  const before = item.answer;
  const answer = item.read();
  if (item.typing?.inputMode && answer.number === null) expect(`half ${item.id}`); // until begun.js has kept it
  item.paint();
  if (same(before, answer)) {
    item.type(null);
    return false;
  }
  item.typing = null;
  item.answer = answer;
  item.touched = true;
  item.paint();
  progress.current = item;
  const row = { id: uuid(), item: item.id, seen: item.seen.slice(-MOST), ...answer, answered_at: new Date().toISOString(), ...(group && { group }) };
  item.row = row.id;
  item.seen.push(row.id);
  keep("answers", row, (state, message) => { if (item.row === row.id) item.state(state, message); });
  if (!quiet) {
    const value = word(item), back = mean(() => revert(item, before));
    afterwards(() => offer(say(value ? "undo.answer" : "undo.cleared", { item: item.id, value }), back));
  }
  repaint();
  return true;
}

function revert(item, before) {
  item.write({ ...before, note: item.note.value });
  item.box.querySelector(".phrases")?.remove();
  item.answer.value = undefined;
  changed(item.note); // heard by begun.js too
}

/** How the chosen answer is called on its own button. */
function word(item) {
  const chosen = [...item.box.querySelectorAll("input[name=value]:checked, input[name=choices]:checked")].map((one) => one.nextElementSibling.textContent);
  return chosen.join(", ") || item.box.querySelector(".share:not([data-tone=bad])")?.textContent || item.box.querySelector("input[name=number]")?.value || "";
}

/** What a tap brings with it comes once the tap itself has been painted, and keeps nothing else waiting; but soon, for what it
 *  pushes down must not move under the next finger. */
const afterwards = (work) => requestAnimationFrame(() => idle(SOON).then(work));

function repaint() {
  if (painting) return;
  painting = true;
  afterwards(() => { painting = false; progress.paint(); });
}

function chosen(item, value) {
  if (value === "khong_ap_dung") for (const field of item.box.querySelectorAll(".steps input")) {
    item.answer[field.name] ??= field.value; // what is half a ratio comes back, too, when this is taken back
    field.value = "";
  }
  if (item.rules.kind === "choice" && value) for (const tick of item.box.querySelectorAll("input[name=choices]")) tick.checked = false;
  if (!record(item)) return;
  item.box.querySelector(".phrases")?.remove();
  if (item.faulty || (value === "khong_ap_dung" && !item.answer.note)) {
    afterwards(() => rest().then(({ phrases }) => { if (item.answer.value === value) phrases.after(item, value, visit); }));
  } else if ((value === "dat" || value === "khong_ap_dung") && performance.now() - touch < 1_000) afterwards(() => advance(item));
}

/** A number or a tick says that an item applies after all. */
function applies({ box }, { name, value }) {
  const off = box.querySelector("input[value=khong_ap_dung]");
  if (off && value && /number|of|choices/.test(name)) off.checked = false;
}

/** On to the next item, but never away from one that still needs a photo or a word. */
function advance(item) {
  if (progress.lacks(item)) return;
  const next = progress.next(item);
  if (next && next.section === item.section) goTo(next, false);
}

function goTo(item, focus = true) {
  bring(item.box.form, !matchMedia("(prefers-reduced-motion: reduce)").matches);
  if (focus) item.box.querySelector("input:not([type=file])")?.focus({ preventScroll: true });
  (progress.current = item).led = item.answer;
}

/** At the item that the address says, or back where work stopped; late, a sheet that closes would move what is being tapped. */
function resume() {
  history.scrollRestoration = "manual";
  try {
    const [id, top] = (location.hash.replace(/^#([a-z].*)?/, "") || localStorage.getItem(`at:${page.inspection}`) || "").split(" "); // no part; as place.js writes it
    const place = items.get(id);
    if (place) bring(place.box.form).then(() => top && scrollBy(0, place.box.form.getBoundingClientRect().top - top));
  } catch { /* private window: nothing is remembered */ }
}

/** Everything typed and not kept yet is kept now: the page may be gone in a moment. */
function flush() {
  for (const item of [...typing.keys()]) record(item, { quiet: true });
}

function step(control) {
  const field = control.parentElement.querySelector("input");
  const now = Number(field.value.replace(",", ".")) || 0;
  field.value = String(Number(Math.max(0, now + Number(control.dataset.step)).toFixed(6))).replace(".", ","); // 1.1 - 1 is not quite 0.1
  changed(field);
}

const changed = (control) => control.dispatchEvent(new Event("change", { bubbles: true }));

/** The same answer once more takes it back. */
const clear = (radio) => { radio.checked = false; changed(radio); };

const rest = () => later().then((all) => {
  all.shelving.begin(visit);
  all.shooting.begin(visit, repaint);
  all.watch.begin(visit);
  document.documentElement.dataset.whole = "yes";
  return all;
});

/** Chosen pictures count as unsent from this moment, whether or not what takes them in is here yet. */
async function take(item, input, source) {
  const files = [...input.files];
  input.value = "";
  const waits = files.map(() => uuid());
  waits.forEach(expect);
  const { photos } = await rest();
  photos.take(item, files, waits, source);
}

/** Choose pictures from the gallery for an item. */
function pick(item) {
  picking = item;
  rest().then(({ shooting }) => shooting.leaving(item));
  gallery.click();
}

const visit = { items, progress, record, revert, advance, goTo, pick };
const ACTIONS = {
  group: (target) => rest().then(({ closing }) => closing.groupAnswer(target.closest(".part"), visit)),
  gallery: (target) => pick(itemOf(target)),
  choose: (target) => rest().then(({ reach, script }) => reach(target.textContent, () => script("team"))).then((team) => team?.choose(visit, itemOf(target), target)),
  leaving: (target) => rest().then(({ screen }) => screen("leaving", target.textContent)),
  meeting: () => rest().then(({ meet }) => meet(visit)),
  missing: () => rest().then(({ closing }) => closing.showMissing(visit)),
  next: () => { const next = progress.next(); if (next) goTo(next); else document.querySelector("[data-action=submit]").focus(); },
};

addEventListener("pointerdown", ({ target }) => {
  touch = performance.now();
  rest().then(({ guide }) => guide.fetchGuide());
  pressed = target.matches?.(".answers :checked") ? target : null;
}, true);
addEventListener("keydown", (event) => {
  const { key, target } = event;
  touch = 0;
  rest();
  if (key !== " " || !target.matches(".answers :checked")) return;
  event.preventDefault();
  clear(target);
}, true);
main.addEventListener("change", ({ target }) => {
  const item = itemOf(target);
  if (!item) return;
  if (target.type === "file") return void take(item, target, "camera");
  const said = target.checked ? target.value : null;
  if (target.name === "severity") item.severity = said;
  if (target.name === "value") chosen(item, said);
  else {
    applies(item, target);
    record(item, { quiet: /note|severity/.test(target.name) });
  }
  if (item.faulty) afterwards(() => rest().then(({ severity }) => severity.show(item))); // not while numbers are typed
});
main.addEventListener("input", (event) => {
  const item = itemOf(event.target);
  if (!item || !["note", "number", "of"].includes(event.target.name)) return;
  applies(item, event.target);
  if (event.target.name !== "note") item.paint(true);
  item.type(event.target);
  clearTimeout(typing.get(item));
  expect(`typing ${item.id}`); // what is being typed is unsent before it is a row
  typing.set(item, event.isComposing ? 0 : setTimeout(record, IDLE, item, { quiet: event.target.name === "note" }));
});
main.addEventListener("compositionend", ({ target }) => { // Android composes word by word
  const item = itemOf(target);
  if (!item) return;
  clearTimeout(typing.get(item));
  typing.set(item, setTimeout(record, IDLE, item, { quiet: true }));
});
addEventListener("click", (event) => {
  const { target } = event;
  if (pressed && target === pressed) {
    pressed = null;
    return clear(target);
  }
  const opens = target.closest?.(".guide, .thumb, .last");
  if (opens) {
    event.preventDefault();
    const item = itemOf(opens);
    return void rest().then(({ guide, looking }) => (opens.matches(".guide") ? guide.showGuide(item) : opens.matches(".last") ? guide.showLast(item, opens) : looking.look(item, opens)));
  }
  if (target.name === "photo") {
    const within = Boolean(page.lens); // in the page rather than in the system's camera
    if (within) event.preventDefault();
    rest().then(({ shooting }) => shooting.shoot(itemOf(target), within));
  }
  const control = target.closest?.("[data-step], [data-action]");
  if (control?.dataset.step) step(control);
  else if (control) ACTIONS[control.dataset.action]?.(control);
});
addEventListener("submit", (event) => { // on the way down: browsers do not let it rise through the form around all (cards.js)
  event.preventDefault();
  const item = itemOf(event.submitter ?? event.target) ?? items.get(event.target.querySelector("fieldset")?.id);
  if (item) return void record(item);
  flush();
  if (event.submitter?.dataset.action === "submit") rest().then(({ closing }) => closing.handIn(event.target, visit));
}, true);
gallery.addEventListener("change", () => { if (picking) take(picking, gallery, "gallery"); });
addEventListener("pagehide", flush);
document.addEventListener("visibilitychange", flush);

function found(entry) {
  const { kind, row } = entry;
  const item = items.get(row.item);
  if (kind === "photos" && item) return late(({ photos }) => photos.restore(item, entry));
  if (kind === "markups") return late(({ marks }) => marks.found(entry));
  if (kind === "removals") {
    document.querySelector(`[data-photo="${row.photo}"]`)?.toggleAttribute("hidden", true);
    rest().then(({ photos }) => photos.removed(row.photo, itemOf)); // it may be shown only now
  }
  if (kind !== "answers") return ["equipment", "remarks"].includes(kind) ? extras.restore(entry) : null;
  if (!item || item.touched || row.kept_at && item.shown) return null; // what stands there may be newer
  item.write({ ...row, choices: row.choices ?? [] });
  item.row = row.id;
  item.seen.push(...row.seen ?? [], row.id);
  delete item.box.dataset.returned; // it is being mended
  item.paint();
  repaint();
  return (state, message) => { if (item.row === row.id) item.state(state, message); };
}

/** The listener of something that was left here, and that `show(rest)` can show later: it hears then what became of it. */
function late(show) {
  let on = null, said = null;
  rest().then((all) => {
    on = show(all);
    if (said) on(...said);
    repaint();
  });
  return (...heard) => { said = heard; on?.(...heard); };
}

/** Answering works from the moment this file runs; «ready» is said when what was left here is shown too. */
async function start() {
  extras.begin();
  resume();
  const begun = begin(found);
  await shown(); // what the server has drawn is to be seen before anything is reckoned
  for (const item of items.values()) item.paint();
  progress.paint();
  await begun;
  progress.paint();
  performance.mark("answering");
  document.documentElement.dataset.ready = "yes";
  measure([...items.values()].map((item) => item.box.form));
  setTimeout(() => rest().then(({ goOn }) => goOn({ items, found, visit, touch })), QUIET);
}

start();
