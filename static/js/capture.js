// The tablet's page: wires taps, typing and buttons to answers. What it does not decide stands in the modules below it.

import * as extras from "./extras.js";
import { fetchGuide, showGuide, waysToCheck } from "./guide.js";
import { uuid } from "./hash.js";
import { Item, same } from "./items.js";
import * as photos from "./photos.js";
import { Progress } from "./progress.js";
import { say } from "./say.js";
import { begin, held, keep, rowsSent, submit, supersede } from "./sending.js";
import { button, leave, make, show } from "./sheet.js";
import { offer } from "./undo.js";

document.documentElement.dataset.awake = "yes"; // capture.css: every card is laid out from here on
const IDLE = 1_000;
const page = document.body.dataset;
const main = document.querySelector("#main");
const items = new Map([...main.querySelectorAll("fieldset[data-item]")].map((box) => [box.dataset.item, new Item(box)]));
const progress = new Progress([...items.values()]);
const typing = new Map(); // item → timer
let pressed = null; // the radio that was already chosen when the finger went down
let touch = 0; // when a finger or mouse last went down
let painting = false;

const itemOf = (target) => items.get(target.closest?.("fieldset[data-item]")?.dataset.item);

/** Keep what stands in the controls of an item, if it is new; offers to take it back unless `quiet`. */
function record(item, { quiet = false, group = false } = {}) {
  clearTimeout(typing.get(item));
  typing.delete(item);
  const before = item.answer;
  const answer = item.read();
  item.paint();
  if (same(before, answer)) return false;
  item.answer = answer;
  item.touched = true;
  item.paint();
  progress.current = item;
  const stale = item.row;
  const row = { id: uuid(), item: item.id, ...answer, answered_at: new Date().toISOString(), ...(group && { group }) };
  item.row = row.id;
  keep("answers", row, (state, message) => { if (item.row === row.id) item.state(state, message); });
  if (held(stale)?.state === "refused") supersede(stale);
  if (!quiet) {
    const value = word(item);
    offer(say(value ? "undo.answer" : "undo.cleared", { item: item.id, value }), () => revert(item, before));
  }
  repaint();
  remember(item);
  return true;
}

function revert(item, before) {
  item.write({ ...before, note: item.note.value });
  item.box.querySelector(".phrases")?.remove();
  item.answer = { ...item.answer, value: undefined };
  record(item, { quiet: true });
}

/** How the chosen answer is called on its own button. */
function word(item) {
  const chosen = item.box.querySelector("input[name=value]:checked, input[name=choices]:checked");
  return chosen ? chosen.nextElementSibling.textContent : item.box.querySelector(".share")?.textContent || item.box.querySelector("input[name=number]")?.value || "";
}

/** Counts and score follow after the tap has been painted. */
function repaint() {
  if (painting) return;
  painting = true;
  requestAnimationFrame(() => setTimeout(() => { painting = false; progress.paint(); }));
}

function chosen(item, value) {
  const measured = ["ratio", "number"].includes(item.rules.kind);
  if (measured && value === "khong_ap_dung") for (const field of item.box.querySelectorAll(".steps input")) field.value = "";
  if (item.rules.kind === "choice" && value) for (const tick of item.box.querySelectorAll("input[name=choices]")) tick.checked = false;
  if (!record(item)) return;
  item.box.querySelector(".phrases")?.remove();
  if (value === "khong_dat" || value === "mot_phan") sentences(item).then((said) => { if (item.answer.value === value) suggest(item, "fail.title", said); });
  if (value === "khong_ap_dung" && !item.answer.note) suggest(item, "reason.title", ["reason.1", "reason.2", "reason.3"].map((key) => say(key)));
  else if ((value === "dat" || value === "khong_ap_dung") && performance.now() - touch < 1_000) advance(item);
}

/** Ready-made sentences in place, above the note they go into. */
function suggest(item, title, said) {
  const chips = said.map((sentence) => {
    const chip = make("button", "phrase", sentence);
    chip.type = "button";
    chip.addEventListener("click", () => {
      item.note.value = [item.note.value.trim(), sentence].filter(Boolean).join("\n");
      chip.remove();
      record(item, { quiet: true });
      if (item.answer.value === "khong_ap_dung") { box.remove(); advance(item); }
    });
    return chip;
  });
  const box = make("div", "phrases", make("p", "", say(title)), ...chips);
  item.box.insertBefore(box, item.box.querySelector(".proof"));
}

async function sentences(item) {
  const bare = (text) => text.trim().replace(/[?.;]+$/, "");
  const order = new RegExp(say("fail.skip"), "i"); // what to do, not what to find
  const ways = (await waysToCheck(item)).map(bare).filter((way) => way.length > 12 && !order.test(way));
  const text = bare(item.text);
  return [say("fail.text", { text: text.charAt(0).toLowerCase() + text.slice(1) }),
    ...ways.map((way) => say("fail.verify", { text: way.charAt(0).toUpperCase() + way.slice(1) }))];
}

/** On to the next item, but never away from one that still needs a photo or a word. */
function advance(item) {
  if (progress.lacks(item)) return;
  const next = progress.next(item);
  if (next && next.section === item.section) goTo(next, false);
}

function goTo(item, focus = true) {
  const behavior = matchMedia("(prefers-reduced-motion: reduce)").matches ? "instant" : "smooth";
  item.box.form.scrollIntoView({ block: "start", behavior });
  if (focus) item.box.querySelector("input:not([type=file])")?.focus({ preventScroll: true });
  progress.current = item;
}

function remember(item) {
  try { localStorage.setItem(`at:${page.inspection}`, item.id); } catch { /* private window: nothing to remember with */ }
}

/** Back where work stopped, unless the address names a place. */
function resume() {
  try {
    if (!location.hash) items.get(localStorage.getItem(`at:${page.inspection}`))?.box.form.scrollIntoView({ behavior: "instant" });
  } catch { /* as above */ }
}

function gapLines(gaps) {
  return gaps.map(({ item, kind, message }) => {
    const line = make("a", "", `${item?.id ?? ""} ${message ?? say(`missing.${kind}`)}`.trim());
    if (!item) return make("li", "", line.textContent);
    line.href = `#${item.id}`;
    line.addEventListener("click", (event) => { event.preventDefault(); leave(() => goTo(item)); });
    return make("li", "", line, make("span", "soft", ` ${item.text}`));
  });
}

function showMissing() {
  const gaps = progress.missing;
  show(say(gaps.length ? "missing.title" : "missing.none", { n: gaps.length }), [make("ul", "gaps", ...gapLines(gaps))]);
}

/** «dat» for every unanswered item of a section that needs neither a photo nor a number; asked once, undoable. */
function groupAnswer(part) {
  const section = progress.sections.find(({ id }) => id === part.dataset.sectionId);
  const ready = section.views.filter((item) => item.open && item.outcome === null && ["a3", "a2"].includes(item.rules.kind) && item.rules.photo !== "required");
  const title = part.querySelector("h2").textContent;
  if (!ready.length) return show(say("group.title"), [make("p", "", say("group.none"))]);
  show(say("group.title"), [make("p", "", say("group.ask", { n: ready.length, section: title })),
    make("div", "row", button("button-primary", say("group.yes", { n: ready.length }), () => {
      const before = ready.map((item) => item.answer);
      for (const item of ready) {
        item.write({ ...item.answer, value: "dat", note: item.note.value });
        item.answer = { ...item.answer, value: null };
        record(item, { quiet: true, group: true });
      }
      offer(say("undo.group", { n: ready.length }), () => ready.forEach((item, i) => revert(item, before[i])));
    }))]);
}

async function handIn(form) {
  const said = form.parentElement.querySelector("[data-submit-said]");
  flush();
  if (progress.missing.length) return showMissing();
  said.textContent = say("submit.sending", { n: page.unsent });
  const { rows, refused } = await rowsSent();
  if (refused) return void (said.textContent = say("submit.refused", { n: refused }));
  try {
    if (rows) throw new Error("offline");
    const photos = [...main.querySelectorAll("[data-sha256]:not([hidden])")].map((thumb) => thumb.dataset.sha256);
    const answer = await submit({ answers: progress.items.filter((item) => item.outcome !== null).length, photos });
    if (answer.receipt) return handedIn(answer, said);
    said.textContent = answer.message ?? "";
    const gaps = answer.missing.map(({ item, kind }) => ({ item: items.get(item), kind: ["answer", "photo"].includes(kind) ? kind : "unsaved" }));
    if (gaps.length) show(say("missing.title", { n: gaps.length }), [make("ul", "gaps", ...gapLines(gaps))]);
  } catch {
    said.textContent = say("submit.offline");
  }
}

function handedIn({ receipt, counts }, said) {
  page.open = "no";
  for (const box of main.querySelectorAll("fieldset")) box.disabled = true;
  main.querySelector("[data-action=submit]").disabled = true;
  said.textContent = say("submit.done", { receipt });
  const home = make("a", "button button-primary", say("submit.home"));
  home.href = page.home;
  show(say("submit.done", { receipt }), [make("p", "", say("submit.counts", counts)), make("div", "row", home)]);
}

/** Everything typed and not kept yet is kept now: the page may be gone in a moment. */
function flush() {
  for (const item of [...typing.keys()]) record(item, { quiet: true });
}

function step(control) {
  const field = control.parentElement.querySelector("input");
  const now = Number(field.value.replace(",", ".")) || 0;
  field.value = String(Math.max(0, now + Number(control.dataset.step))).replace(".", ",");
  field.dispatchEvent(new Event("change", { bubbles: true }));
}

/** The same answer once more takes it back. */
function clear(radio) {
  radio.checked = false;
  chosen(itemOf(radio), null);
}

const ACTIONS = {
  group: (target) => groupAnswer(target.closest(".part")),
  gallery: (target) => photos.pick(itemOf(target)),
  missing: showMissing,
  next: () => { const next = progress.next(); if (next) goTo(next); else document.querySelector("#submission").scrollIntoView(); },
};

addEventListener("pointerdown", ({ target }) => {
  touch = performance.now();
  fetchGuide();
  pressed = target.type === "radio" && target.checked ? target : null;
}, true);
addEventListener("keydown", (event) => {
  const { key, target } = event;
  touch = 0;
  if (key !== " " || target.type !== "radio" || !target.checked) return;
  event.preventDefault();
  clear(target);
}, true);
main.addEventListener("change", ({ target }) => {
  const item = itemOf(target);
  if (!item || target.type === "file") return;
  if (target.name === "value") return chosen(item, target.value);
  if (["number", "of", "choices"].includes(target.name)) {
    const off = item.box.querySelector("input[value=khong_ap_dung]");
    if (off?.checked && (target.value || target.checked)) off.checked = false;
  }
  record(item, { quiet: target.name === "note" });
});
main.addEventListener("input", (event) => {
  const item = itemOf(event.target);
  if (!item || !["note", "number", "of"].includes(event.target.name) || event.isComposing) return;
  if (event.target.name !== "note") item.paint();
  clearTimeout(typing.get(item));
  typing.set(item, setTimeout(record, IDLE, item, { quiet: event.target.name === "note" }));
});
main.addEventListener("compositionend", ({ target }) => { const item = itemOf(target); if (item) record(item, { quiet: true }); });
addEventListener("click", (event) => {
  const { target } = event;
  if (pressed && target === pressed) {
    pressed = null;
    return clear(target);
  }
  const guide = target.closest?.(".guide");
  if (guide) {
    event.preventDefault();
    return showGuide(itemOf(guide));
  }
  const control = target.closest?.("[data-step], [data-action]");
  if (control?.dataset.step) step(control);
  else if (control) ACTIONS[control.dataset.action]?.(control);
});
addEventListener("submit", (event) => {
  event.preventDefault();
  const item = itemOf(event.submitter ?? event.target) ?? items.get(event.target.querySelector("fieldset")?.id);
  if (item) record(item);
  else if (event.submitter?.dataset.action === "submit") handIn(event.target);
});
addEventListener("pagehide", flush);
document.addEventListener("visibilitychange", flush);

function found(entry) {
  const { kind, row } = entry;
  const item = items.get(row.item);
  if (kind === "photos" && item) return photos.restore(item, entry);
  if (kind === "removals") document.querySelector(`[data-photo="${row.photo}"]`)?.toggleAttribute("hidden", true);
  if (kind !== "answers") return ["equipment", "remarks"].includes(kind) ? extras.restore(entry) : null;
  if (!item || item.touched) return null;
  item.write({ ...row, choices: row.choices ?? [] });
  item.row = row.id;
  item.paint();
  return (state, message) => { if (item.row === row.id) item.state(state, message); };
}

for (const item of items.values()) item.paint();
photos.begin(items, repaint);
extras.begin();
resume();
progress.paint();
await begin(found);
progress.paint();
document.documentElement.dataset.ready = "yes";
