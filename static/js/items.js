// One item of the page: its rules (from the data of its fieldset), its answer (from its controls), its looks.

import { outcome, tenths } from "./score.js";
import { percentage, say } from "./say.js";

const NOT_APPLICABLE = "khong_ap_dung";
const WORDS = { dat: "share.pass", mot_phan: "share.part", khong_dat: "share.fail" };
const FAULT = /khong_dat|mot_phan/;
const PLAIN = { ratio: /^\d+$/, number: /^\d+(?:,\d{1,6}|\.(?!\d{3}$)\d{1,6})?$/ }; // «1.200» is a thousand and two hundred to some, little more than one to others
const number = (text) => (text === undefined ? null : Number(text));

export class Item {
  constructor(box) {
    const data = box.dataset;
    Object.assign(this, { box, id: data.item, section: box.closest(".part").dataset.sectionId, touched: false, typing: null, row: null, severity: box.querySelector("[name=severity]:checked")?.value ?? null, seen: data.known?.split(" ") ?? [], shown: data.row ?? data.known });
    this.rules = {
      id: data.item, kind: data.kind, weight: Number(data.weight), photo: data.photoRule ?? "none", critical: "critical" in data,
      scored: "scored" in data, required: "required" in data, fewer_is_better: "fewer" in data,
      at_least: number(data.atLeast), at_most: number(data.atMost),
    };
    this.note = box.querySelector("textarea");
    this.answer = this.read();
  }

  get open() { return !this.box.disabled; }
  get outcome() { return outcome(this.rules, this.answer); }
  get faulty() { return FAULT.test(this.outcome); }
  get photos() { return this.box.querySelectorAll("[data-photo]:not([data-state=refused], [hidden])").length; }
  get text() { return this.box.querySelector(".ask").textContent; }

  /** The answer in the controls. A ratio of which only one half is typed is no answer yet. */
  read() {
    const value = this.box.querySelector("input[name=value]:checked")?.value ?? null;
    const answer = { value, number: null, of: null, choices: [], severity: null, note: this.note.value.normalize("NFC").trim() };
    const { kind } = this.rules;
    if (kind === "choice" && value !== NOT_APPLICABLE) {
      answer.choices = [...this.box.querySelectorAll("input[name=choices]:checked")].map((tick) => tick.value);
    }
    if ((kind === "ratio" || kind === "number") && value !== NOT_APPLICABLE) this.#measure(answer);
    if (FAULT.test(outcome(this.rules, answer))) answer.severity = this.severity;
    return answer;
  }

  #measure(answer) {
    const [n, of] = ["number", "of"].map((name) => this.typed(name));
    if (this.rules.kind === "number") answer.number = n;
    else if (n !== null && of > 0 && n <= of) Object.assign(answer, { number: n, of });
  }

  /** The number typed in a field, or null when it is none. */
  typed(name) {
    const said = this.box.querySelector(`input[name=${name}]`)?.value.trim() ?? "";
    return PLAIN[this.rules.kind].test(said) ? Number(said.replace(",", ".")) : null;
  }

  /** Put an answer into the controls, but for the field that is being typed in: what stands there is newer, and no row yet. */
  write(answer) {
    const typed = this.typing;
    this.severity = answer.severity ?? null;
    for (const radio of this.box.querySelectorAll(".answers input")) radio.checked = radio.value === answer[radio.name];
    for (const tick of this.box.querySelectorAll("input[name=choices]")) tick.checked = answer.choices?.includes(tick.value) ?? false;
    for (const name of ["number", "of"]) {
      const field = this.box.querySelector(`input[name=${name}]`);
      if (field && field !== typed) field.value = answer[name] === null || answer[name] === undefined ? "" : String(answer[name]).replace(".", ",");
    }
    if (this.note !== typed) this.note.value = answer.note ?? "";
    this.answer = this.read();
    if (typed?.name in answer) this.answer[typed.name] = answer[typed.name];
  }

  /** What is wrong with what was typed, or what it comes to. */
  paint(typing) {
    const found = this.outcome;
    if (found && this.box.dataset.outcome !== found) this.box.dataset.outcome = found;
    if (!found) delete this.box.dataset.outcome;
    const share = this.box.querySelector(".share");
    if (!share) return;
    const [said, tone] = this.#share(found), words = typing && tone === "bad" ? "" : said;
    share.dataset.tone = tone;
    if (share.textContent !== words) share.textContent = words;
  }

  #share(found) {
    if (this.answer.value === NOT_APPLICABLE) return ["", ""];
    const wrong = [...this.box.querySelectorAll(".steps input")].some(({ name, value }) => value && this.typed(name) === null);
    if (wrong) return [say(`${this.rules.kind}.bad`), "bad"];
    const n = this.typed("number"), of = this.typed("of");
    if (this.rules.kind === "ratio") {
      if (n === null || of === null) return ["", ""];
      const [part, whole] = [...this.box.querySelectorAll(".measure > label")].map((label) => label.firstChild.data);
      if (of <= 0 || n > of) return [say(of ? "share.over" : "share.zero", { part, whole }), "bad"];
      return [say("share", { n, of, percent: percentage(tenths([100n * BigInt(n), BigInt(of)])).replace(",0 ", " "), word: say(WORDS[found]) }), found];
    }
    return WORDS[found] ? [say(WORDS[found]), found] : ["", ""];
  }

  /** Where the answer is: empty, device, sending, server, refused (with the server's sentence). */
  state(state, message = "") {
    if (state === "server" && !this.outcome && !this.answer.note) state = "empty";
    this.told = [state, message || say(`state.${state}`)];
    if (!this.typing) this.#show(...this.told);
  }

  /** While somebody types in a field, what stands there is kept nowhere yet, and nothing else is said of it; null: what was said before. */
  type(field) {
    if (this.typing === field) return;
    this.typing = field;
    this.told ??= [this.box.dataset.state, this.box.querySelector(".saved").textContent];
    this.#show(...(field ? ["empty", ""] : this.told));
  }

  #show(state, words) {
    this.box.dataset.state = state;
    this.box.querySelector(".saved").textContent = words;
  }
}

/** Whether two answers say the same. */
export function same(one, other) {
  return ["value", "number", "of", "severity", "note"].every((key) => one[key] === other[key]) && one.choices.join() === other.choices.join();
}
