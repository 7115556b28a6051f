// Towards the end of a visit: what is missing, one answer for the rest of a section, handing in.

import { shownPhotos } from "./facts.js";
import { gaps } from "./halves.js";
import { Trouble } from "./link.js";
import { make } from "./make.js";
import { meet } from "./meet.js";
import { draftName, ended, rowOf, unkept } from "./minutes.js";
import { script } from "./parts.js";
import { unexplained } from "./phrases.js";
import { screen } from "./reach.js";
import { say } from "./say.js";
import { keep, sender } from "./sending.js";
import { rowsSent } from "./sent.js";
import { withdrawn } from "./shelving.js";
import { button, leave, show } from "./sheet.js";
import * as store from "./store.js";
import { offer } from "./undo.js";
import * as wish from "./wish.js";

const TRIES = 3;
const PAUSE = 3_000;
const PATIENCE = 3_000;
const page = document.body.dataset;
const main = document.querySelector("#main");
let going = false; // one tap is enough

function gapLines(all, goTo) {
  return all.map(({ item, kind, message, go = goTo }) => {
    const line = make("a", "", `${item?.id ?? ""} ${message ?? say(`missing.${kind}`)}`.trim());
    if (!item) return make("li", "", line.textContent);
    line.href = `#${item.id}`;
    line.addEventListener("click", (event) => { event.preventDefault(); leave(() => go(item)); });
    return make("li", "", line, make("span", "soft", ` ${item.text}`));
  });
}

/** What has a note in place of an answer keeps nobody from handing in, and may be forgotten. */
function bareLines({ items }, goTo) {
  const bare = items.filter((item) => item.open && item.outcome === null && item.answer.note);
  if (!bare.length) return [];
  return [make("p", "", say("missing.bare", { n: bare.length })), make("ul", "gaps", ...gapLines(bare.map((item) => ({ item, message: "" })), goTo))];
}

/** What is still to be done before the visit can be handed in. */
export async function showMissing(visit) {
  const { progress, goTo } = visit, before = gaps(progress);
  const tell = (all) => show(say(all.length ? "missing.title" : "missing.none", { n: all.length }), [make("ul", "gaps", ...gapLines(all, goTo)), ...bareLines(progress, goTo)]);
  tell(before);
  await asked(visit);
  const now = gaps(progress);
  if (now.length !== before.length && document.querySelector("dialog.sheet[open] .gaps")) tell(now);
}

/** What colleagues have sent is shown here too, if the server says it soon. */
function asked(visit) {
  const news = script("team").then((team) => team.refresh(visit)).catch(() => {});
  return Promise.race([news, new Promise((done) => setTimeout(done, PATIENCE))]);
}

/** What was withdrawn here may be at the server all the same: its removal is kept here, to be sent before the visit is handed
 *  in, for nothing can be put back or taken out after that. Throws when the server cannot be asked. */
async function outFirst(visit) {
  document.querySelector("[data-undo]").hidden = true;
  await (await script("team")).refresh(visit);
}

/** «dat» for every unanswered item of a section that needs neither a photo nor a number and has no note or photo yet;
 *  asked once, undoable. */
export function groupAnswer(part, { progress, record, revert }) {
  const section = progress.sections.find(({ id }) => id === part.dataset.sectionId);
  const ready = section.views.filter((item) => item.open && item.outcome === null && ["a3", "a2"].includes(item.rules.kind) && item.rules.photo !== "required"
    && !item.answer.note && !item.photos); // somebody has begun to judge it
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

/** Send what waits, then submit; says what is missing instead when something is. `explained`: that something has no reason was
 *  told (1), and that something of the meeting will not be in the minutes (2); `ask`: whether what others hold and what was
 *  signed before is to be. */
export async function handIn(form, visit, ask = true, explained = 0) {
  if (going) return;
  const { items, progress, goTo } = visit;
  const said = form.parentElement.querySelector("[data-submit-said]");
  going = true;
  try {
    await wish.forget();
    said.textContent = say("submit.now");
    if ((await withdrawn()).length) await outFirst(visit);
    else if (progress.missing.length) await asked(visit);
    said.textContent = "";
    if (gaps(progress).length) return void showMissing(visit);
    const silent = explained ? [] : progress.items.filter((item) => item.open && unexplained(item));
    if (silent.length) return void explain(silent, goTo, () => handIn(form, visit, ask, 1));
    const left = await unsigned(explained > 1);
    if (left.length) return void forsake(left, visit, () => handIn(form, visit, ask, 2));
    said.textContent = say(page.unsent > 0 ? "submit.sending" : "submit.now", { n: page.unsent });
    const answer = await submitted(progress, ask);
    if (answer.receipt) return handedIn(answer, said);
    const waits = (answer.missing ?? []).filter(({ kind }) => ["tablet", "signature"].includes(kind));
    said.textContent = "";
    if (waits.length && waits.length === answer.missing.length) return void wait(waits, visit, () => handIn(form, visit, false, 2));
    said.textContent = answer.refused ? say("submit.refused", { n: answer.refused }) : answer.message ?? "";
    const lacks = (answer.missing ?? []).map(({ item, kind, sha256 }) => ({ item: items.get(item ?? itemOf(sha256)), kind: ["answer", "photo", "conflict", "returned"].includes(kind) ? kind : "unsaved" }));
    if (lacks.some(({ item }) => item)) show(say("missing.title", { n: lacks.length }), [make("ul", "gaps", ...gapLines(lacks, goTo))]);
  } catch ({ kind }) {
    if (!["signin", "gone", "update"].includes(kind)) return void wish.keep((explained) => handIn(form, visit, true, explained), explained);
    said.textContent = say(`submit.${kind}`);
    if (kind === "signin") said.append(" ", signIn());
  } finally {
    going = false;
  }
}

/** What was wished without a network is done now, if it is there; or once it is. */
export function resume(visit) {
  const form = main.querySelector("[data-action=submit]").form;
  return wish.resume((explained) => handIn(form, visit, true, explained));
}

/** Where a photo stands of which the server names the hash alone. */
function itemOf(sha256) {
  const shown = shownPhotos().find((one) => one.sha256 === sha256);
  return shown && document.querySelector(`[data-photo="${shown.photo}"]`).closest("[data-item]").dataset.item;
}

/** A closing meeting that nobody has signed on this device is handed in as it stands, unless somebody else held one over
 *  which it was not chosen here: what the agency said stays said. Nothing is done, unless `anyway`, while something of the draft
 *  would not be in the minutes: "strokes" that nobody confirmed, "words" beside somebody else's meeting; or while there was
 *  "none": it can be neither held nor signed afterwards. Returns which. */
async function unsigned(anyway) {
  const draft = unkept.draft ?? await store.draft(page.user, draftName);
  const begun = [draft?.pad, ...Object.values(draft?.aside ?? {})].some((pad) => pad?.drawn?.strokes.length || pad?.refusal?.reason);
  const open = draft?.meeting && !draft.fixed;
  const told = (open || !draft?.meeting && !anyway) && await sender().link.ask(`${page.sync}/inspections/${page.inspection}`);
  const beside = open && told.rows.meetings.some((row) => row.author_id !== page.user && !draft.passed?.includes(row.id));
  const none = !draft?.meeting && !anyway && !told.rows.meetings.length;
  const lost = [...(none ? ["none"] : []), ...(begun ? ["strokes"] : []), ...(beside && draft.meeting.opinion ? ["words"] : [])];
  if (lost.length && !anyway) return lost;
  if (!open || beside) return [];
  const { rows } = await store.waiting(page.inspection, page.user);
  const made = [...told.rows.meetings, ...rows.map(({ row }) => row)].find(({ id }) => id === draft.meeting.id); // by a page that died then
  const meeting = ended({ ...draft.meeting, ...(made && { closed_at: made.closed_at }) });
  if (!made) await keep("meetings", rowOf(meeting), null);
  await store.setDraft(page.user, draftName, { ...draft, meeting, fixed: true }).catch(() => {}); // full: the row says it
  return [];
}

/** What the server says once everything is there. A line that fails for a moment gets another try; throws Trouble. */
async function submitted(progress, ask, tries = TRIES) {
  const { rows, refused, status } = await rowsSent();
  if (refused) return { refused };
  try {
    if (rows) throw new Trouble(status);
    const photos = shownPhotos().map(({ sha256 }) => sha256);
    return await sender().submit({ answers: progress.items.filter((item) => item.outcome !== null).length, photos, ask, signed: ask });
  } catch (trouble) {
    if (tries < 2 || !navigator.onLine || ["signin", "update", "gone"].includes(trouble.kind)) throw trouble;
    await new Promise((done) => setTimeout(done, PAUSE));
    return submitted(progress, ask, tries - 1);
  }
}

/** Colleagues' tablets hold something yet, which the server would refuse afterwards; or what was signed has changed since. */
function wait(waits, visit, anyway) {
  const [tablets, hands] = ["tablet", "signature"].map((kind) => waits.filter((one) => one.kind === kind));
  const list = (lines) => make("ul", "gaps", ...lines.map((line) => make("li", "", line)));
  const holds = tablets.length ? [make("p", "", say("elsewhere.why")), list(tablets.map(({ person, rows }) => say("elsewhere.holds", { person, n: rows })))] : [];
  const stale = hands.length ? [make("p", "", say("signed.why")), list(hands.map(({ name, refused }) => (refused ? say("signed.refused", { name }) : name)))] : [];
  const again = hands.length ? [button("button-primary", say("signed.again"), () => meet(visit))] : [];
  show(say(tablets.length ? "elsewhere.title" : "signed.title", { n: hands.length }), [...holds, ...stale,
    make("div", "row", ...again, button("button-secondary", say("elsewhere.anyway"), anyway))]);
}

/** Something of the meeting that will not be in the minutes: asked once. */
function forsake(lost, visit, anyway) {
  show(say(`meeting.${lost[0]}`), [...lost.map((what) => make("p", "", say(`meeting.${what}.why`))), make("div", "row",
    button("button-primary", say("meeting.look"), () => meet(visit)), button("button-secondary", say("elsewhere.anyway"), anyway))]);
}

/** Items that leave the score without a word why: asked once, for the office will ask. */
function explain(items, goTo, anyway) {
  const lines = gapLines(items.map((item) => ({ item, message: say("reason.none") })), goTo);
  show(say("reason.ask", { n: items.length }), [make("ul", "gaps", ...lines), make("div", "row", button("button-secondary", say("elsewhere.anyway"), anyway))]);
}

function signIn() {
  const link = make("a", "", say("submit.enter"));
  link.href = document.querySelector("[data-saving-link]").href;
  return link;
}

function handedIn({ receipt, counts }, said) {
  page.open = "no";
  for (const box of main.querySelectorAll("fieldset")) box.disabled = true;
  main.querySelector("[data-action=submit]").disabled = true;
  document.querySelector("[data-undo]").hidden = true;
  said.textContent = say("submit.done", { receipt });
  page.receipt = receipt;
  document.dispatchEvent(new Event("submitted"));
  screen("leaving", "", () => {
    const home = make("a", "button button-primary", say("submit.home"));
    home.href = "/";
    show(say("submit.done", { receipt }), [make("p", "", say("submit.counts", counts)), make("div", "row", home)]);
  });
}
