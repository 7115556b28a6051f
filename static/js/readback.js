// The minutes in short, as they are read out before anyone signs: built from what is on the page now, sent or not.

import { flaw } from "./blame.js";
import { gaps, halves } from "./halves.js";
import { make } from "./make.js";
import { inWords } from "./progress.js";
import { clock, say } from "./say.js";
import { score } from "./score.js";
import { unsent } from "./sending.js";
import { durable } from "./store.js";

const page = document.body.dataset;
const NAMED = 5;
const FAULTS = ["khong_dat", "mot_phan"];
const text = (mark) => document.querySelector(mark)?.textContent.replace(/\s+/g, " ").trim() ?? "";

/** What there is to read: the score, the faults, the recommendations, what is left open, photos. */
export function gathered({ items, progress }) {
  const told = [...items.values()].filter(({ box }) => !box.querySelector(".secret")); // what citizens said goes a way of its own
  const faulty = told.filter((item) => FAULTS.includes(item.outcome));
  return {
    agency: text(".visit-name h1"), score: scored(told, progress),
    answered: told.filter((item) => item.outcome !== null).length, total: told.length,
    faults: faulty.filter((item) => item.rules.scored), mild: faulty.filter((item) => !item.rules.scored),
    open: told.filter((item) => item.outcome === null), photos: told.reduce((sum, item) => sum + item.photos, 0),
  };
}

/** As minutes print it: a score in which a secret item counted would tell how that was answered. */
function scored(told, { sections }) {
  const parts = sections.map((section) => ({ ...section, items: told.filter((item) => item.section === section.id).map(({ rules }) => rules) }));
  const answers = Object.fromEntries(told.map(({ id, answer }) => [id, answer]));
  return inWords(score(parts, answers, { method: page.method, minimum_coverage: Number(page.minimumCoverage) }), true);
}

/** Fill the article; `meeting`: {opened, closed, place, present, opinion} in words. */
export function fill(article, visit, meeting) {
  const found = gathered(visit);
  const put = (name, ...nodes) => article.querySelector(`[data-read=${name}]`).replaceChildren(...nodes);
  put("agency", found.agency);
  put("facts", text(".visit-facts"));
  put("when", say("read.when", { opened: meeting.opened, closed: meeting.closed || "…" }));
  put("place", meeting.place || say("read.unwritten"));
  for (const side of ["team", "agency"]) put(`present-${side}`, ...people(meeting.present.filter((one) => one.side === side)));
  put("score", found.score);
  put("counts", say("read.counts", found));
  put("faults", ...list(found.faults.map(fault), "read.no-faults"));
  article.querySelector("[data-read=mild]").parentElement.hidden = !found.mild.length;
  put("mild", ...found.mild.map(fault));
  put("open", ...open(found.open));
  put("kits", ...kits());
  for (const kind of ["difficulty", "proposal", "explanation"]) put(kind, article.ownerDocument.querySelector(`[data-remark=${kind}] textarea`).value.trim() || say("read.none"));
  put("opinion", meeting.opinion || say("read.none"));
}

/** Why nobody can sign now, or "". */
export function unready({ progress }) {
  if (halves(progress).length) return say("meeting.begun");
  return durable() && unsent().some(({ state }) => state === "empty") ? say("meeting.busy") : "";
}

/** Before anybody signs: what must be done before the visit can be handed in, each with the way there. */
export function lacking(box, { progress, goTo }) {
  const all = document.body.dataset.open === "no" ? [] : gaps(progress);
  box.hidden = !all.length;
  box.querySelector("p").textContent = say("meeting.lacking", { n: all.length });
  const lines = all.slice(0, NAMED).map(({ item, kind, message, go = goTo }) => {
    const way = make("a", "", `${item.id} ${message ?? say(`missing.${kind}`)}`);
    way.href = `#${item.id}`;
    way.addEventListener("click", (event) => {
      event.preventDefault();
      addEventListener("popstate", () => go(item), { once: true }); // once the meeting is left
      history.back();
    });
    return make("li", "", way);
  });
  if (all.length > NAMED) lines.push(make("li", "soft", say("meeting.more", { n: all.length - NAMED })));
  box.querySelector("ul").replaceChildren(...lines);
}

/** Which of two meetings counts is for whoever looks at it to say. */
export function beside(box, rival, fixed) {
  box.hidden = !rival || page.open === "no";
  if (!rival) return;
  box.querySelector("b").textContent = say("meeting.beside", { person: rival.author, at: clock(rival.opened_at) });
  box.querySelector("span").textContent = say(fixed ? "meeting.beside.signed" : "meeting.beside.draft");
}

const list = (nodes, none) => (nodes.length ? nodes : [make("li", "soft", say(none))]);

function people(found) {
  return list(found.filter(({ name }) => name).map(({ name, title }) => make("li", "", [name, title].filter(Boolean).join(", "))), "read.nobody");
}

/** One item that is not in order: where, how far, what was seen, how many photos show it. */
function fault(item) {
  const field = item.box.querySelector("input[name=number]"), number = field?.value;
  const unit = field?.closest("label").firstChild.data.match(/\(([^()]*)\)$/)?.[1];
  const figure = (item.rules.kind === "ratio" && item.box.querySelector(".share").textContent.split(" · ")[0]) || (number && [number, unit].filter(Boolean).join(" ")) || "";
  const grave = item.rules.scored && item.box.querySelector("[name=severity]:checked + span")?.textContent;
  const line = make("li", `read-fault ${item.outcome}`, make("p", "read-head", make("b", "", item.id), ` ${say(`read.${item.outcome}`)}${grave ? ` · ${grave}` : ""}${item.rules.critical ? ` · ${say("read.critical")}` : ""}`), make("p", "", item.text));
  if (number !== undefined && figure) line.append(make("p", "", say("read.figure", { figure })));
  if (item.answer.note) line.append(make("p", "read-note", item.answer.note));
  line.append(make("p", "soft", item.photos ? say("read.photos", { n: item.photos }) : say("read.no-photo")));
  return line;
}

/** What was not checked: with its reason each, without one all in a line. */
function open(items) {
  if (!items.length) return [make("li", "soft", say("read.no-open"))];
  const bare = items.filter((item) => !item.answer.note);
  const lines = items.filter((item) => item.answer.note).map((item) => make("li", "", make("b", "", item.id), `: ${item.answer.note}`));
  if (bare.length) lines.push(make("li", "", say("read.open", { n: bare.length, items: bare.map(({ id }) => id).join(", ") })));
  return lines;
}

function kits() {
  const lines = [...document.querySelectorAll("[data-equipment]")].map((box) => {
    const [total, working, note] = [...box.querySelectorAll("input")].map(({ value }) => value.trim());
    if (!total || !working || flaw(box, true)) return null; // kept nowhere
    return make("li", "", say("read.kit", { name: box.querySelector("legend").textContent, total, working, note: note ? ` (${note})` : "" }));
  }).filter(Boolean);
  return list(lines, "read.no-kit");
}
