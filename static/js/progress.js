// How far the visit is: counts, score with its coverage, what is missing, what comes next.

import { needsPhoto, score, tenths } from "./score.js";
import { percentage, say } from "./say.js";

const page = document.body.dataset;
const find = (mark) => document.querySelector(mark);
const places = { count: find("[data-count]"), score: find("[data-score]"), full: find("[data-score-full]"),
  missing: find("[data-missing]"), next: find("[data-action=next]"), gaps: find("[data-action=missing]") };

export class Progress {
  constructor(items) {
    this.items = items;
    this.sections = [...document.querySelectorAll("[data-section-id]")].map((part) => ({
      id: part.dataset.sectionId, weight: Number(part.dataset.sectionWeight), link: find(`[data-part="${part.dataset.sectionId}"]`),
      views: items.filter((item) => item.section === part.dataset.sectionId),
    }));
    for (const section of this.sections) section.items = section.views.map((item) => item.rules);
    this.current = null;
    places.missing.replaceChildren();
  }

  /** Why an item keeps the team from submitting: "conflict", "answer", "photo" or null; the server asks the same. */
  lacks(item) {
    if (item.box.querySelector("[data-sides]")) return "conflict";
    if (item.outcome === null) return item.rules.required && !item.answer.note ? "answer" : null;
    return needsPhoto(item.rules, item.answer) && !item.photos ? "photo" : null;
  }

  get missing() {
    return this.items.map((item) => ({ item, kind: this.lacks(item) })).filter((gap) => gap.kind);
  }

  /** The next item to do after `from`: returned and untouched, or unanswered, or lacking something; round once. Last, and
   *  once as it stands, what has a note in place of an answer. */
  next(from = this.current) {
    const at = this.items.indexOf(from) + 1;
    const round = [...this.items.slice(at), ...this.items.slice(0, at)].filter((item) => item.open);
    return round.find((item) => this.lacks(item) || item.outcome === null && !item.answer.note || unmended(item))
      ?? round.find((item) => item.outcome === null && item.led !== item.answer) ?? null;
  }

  paint() {
    const answers = Object.fromEntries(this.items.map((item) => [item.id, item.answer]));
    const found = score(this.sections, answers, { method: page.method, minimum_coverage: Number(page.minimumCoverage) });
    put(places.score, inWords(found));
    put(places.full, inWords(found, true));
    let done = 0;
    const gaps = this.missing;
    for (const section of this.sections) {
      const answered = section.views.filter((item) => item.outcome !== null).length;
      done += answered;
      put(section.link.querySelector("b"), String(answered));
      const lacking = gaps.some(({ item, kind }) => kind !== "answer" && item.section === section.id) || section.views.some(unmended);
      mark(section.link, lacking, answered === section.views.length && answered > 0);
    }
    put(places.count, String(done));
    this.#ahead(gaps);
  }

  #ahead(gaps) {
    const next = this.next();
    put(places.next, next ? say("next", { item: next.id }) : say("next.done"));
    put(places.gaps, gaps.length ? say("missing", { n: gaps.length }) : say("missing.none"));
    places.gaps.hidden = !gaps.length || page.open === "no";
    put(places.missing.firstElementChild ?? places.missing.appendChild(document.createElement("p")),
      gaps.length ? say("missing.title", { n: gaps.length }) : say("missing.none"));
  }
}

/** Whether the office sent it back, and nobody has touched it since. */
const unmended = (item) => "returned" in item.box.dataset && !item.touched;

/** The score as it is always said; `full` adds the counts. */
export function inWords(found, full = false) {
  if (!found.applicable) return say("score.empty");
  const counts = full ? say("score.count", found) : "";
  const values = { coverage: Math.floor((100 * found.answered) / found.applicable), percent: found.percent === null ? "" : percentage(tenths(found.percent)) };
  if (found.percent !== null) return say("score", values) + counts;
  return say("score.low", values) + counts + (found.answered && full ? say("score.none") : "");
}

function put(place, said) {
  if (place && place.textContent !== said) place.textContent = said;
}

function mark(link, lacking, done) {
  link.toggleAttribute("data-lacking", lacking);
  link.toggleAttribute("data-done", done && !lacking);
  let dot = link.querySelector(".unseen");
  if (lacking && !dot) link.append(dot = Object.assign(document.createElement("span"), { className: "unseen" }));
  if (dot) put(dot, lacking ? say("missing.dot") : "");
}
