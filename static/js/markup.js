// The screen for drawing over a photo: tools, colours, steps back and forth. It decides nothing about keeping: every
// finished step is handed to `keep(draft)`, and the whole to `done(draft)` however the screen is left.

import { Board } from "./board.js";

export { overlay } from "./shapes.js";

const MOST = { shapes: 100, points: 5_000 };
const KINDS = ["arrow", "box", "circle", "pen", "text", "blur", "move"];

/** What a draft {base: {shapes, private}, steps, at} has come to: {shapes, private}. */
export function standing({ base, steps, at }) {
  let { shapes, private: hidden } = base;
  for (const step of steps.slice(0, at)) {
    if (step.add) shapes = [...shapes, step.add];
    else if (step.put) shapes = shapes.map((shape, n) => (n === step.n ? step.put : shape));
    else if ("cut" in step) shapes = shapes.filter((_, n) => n !== step.cut);
    else if (step.clear) shapes = [];
    else hidden = step.private;
  }
  return { shapes, private: hidden };
}

/** Open the screen over a loaded `picture`. `dialog` is its markup, `say` knows its sentences. */
export function draw({ dialog, picture, item, draft, say, keep, done }) {
  return new Screen({ dialog, picture, item, draft, say, keep, done });
}

class Screen {
  constructor(given) {
    Object.assign(this, given);
    const find = (what) => this.dialog.querySelector(what);
    this.parts = { hint: find("[data-hint]"), saved: find("[data-saved]"), said: find("[data-said]"), form: find("form"), sure: find(".markup-sure"), private: find("[data-private]"), clear: find("[data-clear-word]") };
    find("h2").textContent = this.say("markup.title", { item: this.item });
    const shown = find("[data-picture]");
    Object.assign(shown, { src: this.picture.src, alt: this.picture.alt });
    document.body.append(this.dialog);
    history.pushState({ sheet: true }, "");
    this.dialog.showModal();
    this.board = new Board(find("[data-face]"), this.picture, {
      made: (shape) => this.step({ add: shape }), put: (n, put) => this.step({ put, n }), cut: (cut) => this.step({ cut }),
      picked: (n) => this.picked(n), words: (point) => this.ask(point), small: () => this.tell("markup.drag"),
    });
    this.listen();
    this.tool(this.draft.tool ?? "arrow");
    this.paint();
    if (this.draft.typing) this.ask(this.draft.typing.point, this.draft.typing);
    this.saved(true);
  }

  listen() {
    const { dialog, parts } = this;
    this.left = () => this.leave();
    addEventListener("popstate", this.left);
    dialog.addEventListener("cancel", (event) => { event.preventDefault(); history.back(); });
    dialog.addEventListener("click", ({ target }) => this.act(target.closest("[data-act]")?.dataset.act));
    dialog.addEventListener("change", ({ target }) => {
      if (target.name === "markup-tool") this.tool(target.value);
      else if (target.name === "markup-colour") this.colour(true);
      else if (target === parts.private) this.step({ private: target.checked });
    });
    dialog.addEventListener("keydown", (event) => this.key(event));
    parts.form.addEventListener("submit", (event) => { event.preventDefault(); this.write(); });
    parts.form.words.addEventListener("input", (event) => { if (!event.isComposing) this.typed(); });
    parts.form.words.addEventListener("compositionend", () => this.typed());
  }

  act(name) {
    const acts = {
      undo: () => this.walk(-1), redo: () => this.walk(1), done: () => history.back(), unsay: () => this.unsay(),
      clear: () => (this.board.chosen === null ? this.sure(true) : this.step({ cut: this.board.chosen })),
      "clear-yes": () => { this.sure(false); this.step({ clear: true }); }, "clear-no": () => this.sure(false),
    };
    acts[name]?.();
  }

  key(event) {
    const step = event.ctrlKey || event.metaKey ? { z: event.shiftKey ? 1 : -1, y: 1 }[event.key.toLowerCase()] : 0;
    if (step && !event.target.matches("input[type=text]")) this.walk(step);
    else if (event.key === "Enter" && event.target.name === "markup-tool") this.place();
    else return;
    event.preventDefault();
  }

  /** For those who do not point: a shape in the middle of the picture, to be moved with the arrow keys. */
  place() {
    const { tool } = this.board;
    if (tool === "text") return this.ask([0.3, 0.45]);
    if (tool === "move") return undefined;
    return this.step({ add: this.board.plain([0.5, 0.5]) });
  }

  /** One finished step: shown, and kept at once. */
  step(step) {
    const { steps, at } = this.draft;
    const next = { ...this.draft, steps: [...steps.slice(0, at), step], at: at + 1 };
    const { shapes } = standing(next);
    if (shapes.length > MOST.shapes || shapes.reduce((sum, { points }) => sum + points.length, 0) > MOST.points) return this.tell("markup.full");
    this.draft = next;
    if ("cut" in step || step.clear) this.board.pick(null);
    return this.change();
  }

  walk(by) {
    const at = Math.min(this.draft.steps.length, Math.max(0, this.draft.at + by));
    if (at === this.draft.at) return;
    this.draft = { ...this.draft, at };
    this.board.pick(null);
    this.change();
  }

  change() {
    this.paint();
    this.store();
  }

  async store() {
    const mine = (this.turn = (this.turn ?? 0) + 1);
    this.parts.saved.textContent = this.say("markup.saving");
    const kept = await this.keep(this.draft).then((durable) => durable !== false, () => false);
    if (mine === this.turn) this.saved(kept);
  }

  saved(kept) {
    this.parts.saved.textContent = this.say(kept ? "markup.saved" : "markup.unsaved");
    this.parts.saved.toggleAttribute("data-unsaved", !kept);
  }

  paint() {
    const { shapes, private: hidden } = standing(this.draft);
    this.board.show(shapes, (shape, n) => (shape.kind === "text" ? this.say("markup.said", shape) : this.say("markup.shape", { name: this.say(`markup.${shape.kind}`), n: n + 1 })));
    const enable = (act, on) => { this.dialog.querySelector(`[data-act=${act}]`).disabled = !on; };
    enable("undo", this.draft.at > 0);
    enable("redo", this.draft.at < this.draft.steps.length);
    enable("clear", shapes.length);
    this.sure(false);
    this.tell("");
    this.parts.private.checked = hidden;
    const covered = shapes.some(({ kind }) => kind === "blur");
    this.parts.hint.textContent = this.say(!hidden ? "markup.private.ask" : covered ? "markup.private.covered" : "markup.private.bare");
    this.parts.hint.toggleAttribute("data-bare", hidden && !covered);
    this.picked(this.board.chosen);
  }

  picked(n) {
    this.parts.clear.textContent = this.say(n === null ? "markup.clear" : "markup.delete");
    const shape = standing(this.draft).shapes[n];
    if (shape?.kind === "text" && this.board.tool === "move") this.ask(shape.points[0], { n, said: shape.text });
    else if (this.typing?.n !== undefined) this.unsay();
  }

  tool(name) {
    this.board.tool = KINDS.includes(name) ? name : "arrow";
    this.dialog.querySelector(`[name=markup-tool][value=${this.board.tool}]`).checked = true;
    this.dialog.dataset.tool = this.board.tool;
    this.draft.tool = this.board.tool;
    if (name !== "move") this.board.pick(null);
    if (name !== "text" && this.typing?.n === undefined) this.unsay();
    this.colour();
    this.tell({ text: "markup.place", blur: "markup.cover", move: "markup.pick" }[name] ?? "markup.drag");
  }

  colour(chosen = false) {
    const { value } = this.dialog.querySelector("[name=markup-colour]:checked");
    this.board.colour = getComputedStyle(this.dialog).getPropertyValue(`--mark-${value}`).trim().toLowerCase();
    const shape = chosen && standing(this.draft).shapes[this.board.chosen];
    if (shape?.colour && shape.colour !== this.board.colour) this.step({ put: { ...shape, colour: this.board.colour }, n: this.board.chosen });
  }

  tell(key) {
    this.parts.said.textContent = key ? this.say(key) : "";
    this.parts.said.hidden = !key;
  }

  sure(asked) {
    this.parts.sure.hidden = !asked;
    if (asked) this.parts.sure.querySelector("[data-act=clear-no]").focus();
  }

  /** Words for the picture, in an ordinary field, so that every way of typing Vietnamese works. */
  ask(point, { n, said = "" } = {}) {
    const { form } = this.parts;
    if (this.typing && n === undefined && this.typing.n === undefined) said = form.words.value; // only another place
    this.typing = { point, n };
    form.hidden = false;
    form.words.value = said;
    this.board.spot(point);
    if (!document.activeElement?.dataset?.n) form.words.focus();
  }

  typed() {
    this.draft = { ...this.draft, typing: { ...this.typing, said: this.parts.form.words.value } };
    this.store();
  }

  write() {
    const { point, n } = this.typing;
    const text = this.parts.form.words.value.normalize("NFC").replace(/\s+/g, " ").trim();
    const before = standing(this.draft).shapes[n];
    this.unsay();
    if (!text || before?.text === text) return;
    this.step(before ? { put: { ...before, text }, n } : { add: { kind: "text", points: [point], text, colour: this.board.colour } });
  }

  unsay() {
    this.typing = null;
    this.parts.form.hidden = true;
    this.parts.form.words.value = "";
    this.board.spot(null);
    if (!this.draft.typing) return;
    this.draft = { ...this.draft, typing: null };
    this.store();
  }

  leave() {
    if (this.typing) this.write();
    removeEventListener("popstate", this.left);
    this.dialog.close();
    this.dialog.remove();
    this.done(this.draft);
  }
}
