// The full screen for signing: what is being signed above, who signs, a pane to write on. A refusal comes by the same way:
// first who would not sign and why, then the hand of somebody who saw it. Every change is handed to `keep(draft)`.

import { Glass } from "./glass.js";
import { say } from "./say.js";

const named = (text) => text.normalize("NFC").trim();

export class Pad {
  /** `draft`: {role, name, title, refusal: null or {name, title, reason, said}, drawn, over}; `what`: {summary, code} in
   *  words; `over`: all that is signed, exactly; `signed(draft)` when a person confirms. */
  constructor({ dialog, Signature, draft, what, over, keep, signed }) {
    Object.assign(this, { dialog, draft, what, keep, signed });
    this.parts = Object.fromEntries(["what", "code", "who", "refusal", "writing", "glass", "sure", "said", "hint"].map((name) => [name, dialog.querySelector(`[data-pad-${name}]`)]));
    this.stop = new AbortController();
    const on = (name, act) => dialog.addEventListener(name, act, { signal: this.stop.signal });
    on("click", ({ target }) => this.act(target.closest("[data-pad]")?.dataset.pad));
    on("input", (event) => { if (!event.isComposing) this.typed(); });
    on("change", () => this.typed());
    on("submit", (event) => { event.preventDefault(); this.act(event.target === this.parts.refusal ? "refuse" : "confirm"); });
    this.paint();
    dialog.showModal();
    this.glass = new Glass(Signature, dialog.querySelector("canvas"), draft.drawn, { changed: (drawn) => this.change({ drawn }), full: () => this.tell("pad.full") });
    this.show(what, over);
    this.ink();
  }

  close() {
    this.glass.close();
    this.stop.abort();
    this.dialog.close();
  }

  act(name) {
    const acts = {
      undo: () => this.glass.undo(), clear: () => this.ask(true), no: () => this.ask(false),
      yes: () => { this.ask(false); this.glass.clear(); }, confirm: () => this.confirm(), refuse: () => this.refuse(),
    };
    acts[name]?.();
  }

  change(change) {
    this.draft = { ...this.draft, ...change };
    this.keep(this.draft);
    this.ink();
  }

  ask(asking) {
    this.parts.sure.hidden = !asking;
    if (asking) this.parts.sure.querySelector("button").focus();
  }

  tell(key) { this.parts.said.textContent = key ? say(key) : ""; }

  /** What is on the fields is in the draft; whoever comes back finds it. */
  typed() {
    const { who, refusal } = this.parts;
    const change = { name: named(who.name.value), title: named(who.title.value) };
    if (this.draft.refusal) change.refusal = { ...this.draft.refusal, name: named(refusal.name.value), title: named(refusal.title.value), reason: named(refusal.reason.value) };
    this.change(change);
  }

  paint() {
    const { draft, parts, what, dialog } = this;
    const asking = Boolean(draft.refusal && !draft.refusal.said);
    dialog.querySelector("h2").textContent = say(asking ? "pad.refuse" : draft.refusal ? "pad.witness" : `pad.${draft.role}`);
    this.show(what);
    parts.refusal.hidden = !asking;
    parts.writing.hidden = asking;
    this.put(parts.who, draft);
    if (draft.refusal) this.put(parts.refusal, draft.refusal);
    this.tell("");
  }

  /** Say anew what is being signed. Strokes that were drawn over something else go: whether there were any. */
  show(what, over) {
    const { draft, parts } = this;
    this.what = what;
    parts.what.textContent = draft.refusal?.said ? say("pad.saw", { ...draft.refusal, summary: what.summary }) : what.summary;
    parts.code.textContent = what.code;
    if (!over || over === draft.over) return false;
    const gone = Boolean(draft.over) && !this.glass.empty;
    if (gone) this.glass.clear();
    this.change({ over });
    if (gone) this.tell("pad.changed");
    return gone;
  }

  put(form, values) {
    for (const field of form.querySelectorAll("input, textarea")) if (field !== document.activeElement) field.value = values[field.name] ?? "";
  }

  ink() {
    if (!this.glass) return;
    const { empty } = this.glass;
    this.parts.hint.hidden = !empty;
    for (const name of ["undo", "clear"]) this.dialog.querySelector(`[data-pad=${name}]`).disabled = empty;
  }

  /** The first step of a refusal: nobody refuses without a name and a reason. */
  refuse() {
    this.typed();
    const { refusal } = this.draft;
    if (!this.whole(this.parts.refusal, [["name", refusal.name], ["title", refusal.title], ["reason", refusal.reason]])) return;
    this.change({ refusal: { ...refusal, said: true } });
    this.paint();
    this.glass.fit();
    this.parts.who.name.focus();
  }

  confirm() {
    this.typed();
    const { draft, parts, glass } = this;
    if (!this.whole(parts.who, [["name", draft.name], ["title", draft.title]])) return;
    if (glass.empty) return this.tell("pad.empty");
    this.tell("");
    this.signed({ ...this.draft, drawn: glass.drawn });
  }

  /** Whether every field has something; else the first that has not is pointed at. */
  whole(form, fields) {
    for (const [name, value] of fields) if (value) form[name].removeAttribute("aria-invalid"); else form[name].setAttribute("aria-invalid", "true");
    const lacking = fields.find(([, value]) => !value)?.[0];
    this.tell(lacking ? `pad.no-${lacking}` : "");
    if (lacking) form[lacking].focus();
    return !lacking;
  }
}
