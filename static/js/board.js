// The board over a photo: one finger, pen or mouse draws, picks up and moves shapes. What happens to them is decided by
// whoever opened it: `on.made(shape)`, `on.put(n, shape)`, `on.picked(n)`, `on.words(point)`, `on.small()`.

import { LONG, drawn, inOrder, outline, sized, svg } from "./shapes.js";

const SMALL = 0.012; // of the longer side: less is no drag
const FINE = 0.0016; // how far a pen's line may stray from the finger
const CLOSE = 0.002;
const FINGER = 44;
const TAPPED = 0.06; // half of what a tap blurs
const clamp = (n) => Math.min(1, Math.max(0, n));

export class Board {
  constructor(face, picture, on) {
    Object.assign(this, { face, picture, on, size: sized(picture), shapes: [], chosen: null, tool: "arrow", colour: "", live: null });
    face.setAttribute("viewBox", `0 0 ${this.size.w} ${this.size.h}`);
    this.layer = face.appendChild(svg("g"));
    this.sketch = face.appendChild(svg("g"));
    for (const name of ["down", "move", "up", "cancel"]) face.addEventListener(`pointer${name}`, (event) => this[`_${name}`](event));
    face.addEventListener("touchmove", (event) => event.preventDefault(), { passive: false });
    face.addEventListener("keydown", (event) => this._key(event));
    face.addEventListener("focusin", ({ target }) => { if (target.dataset?.n) this.pick(Number(target.dataset.n)); });
  }

  /** Show these shapes; `label(shape, n)` names each for those who cannot see it. */
  show(shapes, label) {
    Object.assign(this, { shapes, label });
    if (this.chosen !== null && !shapes[this.chosen]) this.chosen = null;
    const focused = document.activeElement?.dataset?.n;
    this.layer.replaceChildren(...inOrder(shapes).map((shape) => this._one(shape, shapes.indexOf(shape))));
    if (focused !== undefined) this.layer.querySelector(`[data-n="${focused}"]`)?.focus();
    this.mark();
  }

  _one(shape, n) {
    const thing = svg("g", { "data-n": n, tabindex: 0, role: "img", "aria-label": this.label(shape, n) }, drawn(shape, this.size, this.picture));
    const grip = outline(shape, this.size);
    if (grip) thing.append(grip);
    grip?.setAttribute("class", "grip");
    grip?.setAttribute("stroke-width", FINGER / (this.face.getScreenCTM()?.a || 1));
    return thing;
  }

  pick(n) {
    if (this.chosen === n) return;
    this.chosen = n;
    this.mark();
    this.on.picked(n);
  }

  /** A dashed frame around what is chosen. */
  mark() {
    this.layer.querySelector(".chosen")?.remove();
    const thing = this.layer.querySelector(`[data-n="${this.chosen}"]`);
    if (!thing) return;
    const { x, y, width, height } = thing.firstChild.getBBox();
    thing.append(svg("rect", { class: "chosen", x: x - 10, y: y - 10, width: width + 20, height: height + 20, rx: 6 }));
  }

  /** Where words will stand. */
  spot(point) {
    const [x, y] = point ?? [];
    this.sketch.replaceChildren(...(point ? [svg("path", { class: "veil", d: `M${x * this.size.w} ${y * this.size.h}h160m-160 0v40` })] : []));
  }

  _at({ clientX, clientY }) {
    const { x, y } = new DOMPoint(clientX, clientY).matrixTransform(this.face.getScreenCTM().inverse());
    return [clamp(x / this.size.w), clamp(y / this.size.h)];
  }

  _down(event) {
    if (this.live || event.button || !event.isPrimary) return;
    event.preventDefault();
    document.activeElement?.blur?.();
    this.face.setPointerCapture(event.pointerId);
    const point = this._at(event);
    this.live = { id: event.pointerId, from: point, points: [point] };
    if (this.tool !== "move") return this._sketch();
    const under = event.target.closest?.("[data-n]");
    this.pick(under ? Number(under.dataset.n) : null);
    this.live.moving = this.shapes[this.chosen];
  }

  _move(event) {
    const { live } = this;
    if (event.pointerId !== live?.id) return;
    const events = this.tool === "pen" && event.getCoalescedEvents?.();
    for (const each of events?.length ? events : [event]) {
      const point = this._at(each);
      if (this.tool !== "pen") live.points[1] = point;
      else if (this._far(live.points.at(-1), point) > CLOSE) live.points.push(point);
    }
    this._sketch();
  }

  _up(event) {
    const { live } = this;
    if (event.pointerId !== live?.id) return;
    const shape = this._shape();
    this.live = null;
    this.sketch.replaceChildren();
    if (live.moving) return shape === live.moving ? undefined : this.on.put(this.chosen, shape);
    if (this.tool === "move") return undefined;
    if (this.tool === "text") return this.on.words(live.points.at(-1));
    return shape ? this.on.made(shape) : this.on.small();
  }

  /** The system took the finger away (a call, a palm): what was drawn until then stands. */
  _cancel(event) { this._up(event); }

  _sketch() {
    const shape = this._shape();
    this.sketch.replaceChildren(...(shape ? [drawn(shape, this.size)] : []));
  }

  /** What the finger has drawn so far; null when that is nothing yet. */
  _shape() {
    const { points, moving } = this.live;
    if (moving) return this._far(points[0], points.at(-1)) < SMALL / 2 ? moving : this.moved(moving, points.at(-1)[0] - points[0][0], points.at(-1)[1] - points[0][1]);
    if (this.tool === "pen") return { kind: "pen", points: simpler(points, this._reach), colour: this.colour };
    if (["move", "text"].includes(this.tool)) return null;
    if (points.length < 2 || this._far(...points) < SMALL) return this.tool === "blur" ? this.plain(points[0], TAPPED) : null;
    return { kind: this.tool, points: points.slice(), ...(this.tool !== "blur" && { colour: this.colour }) };
  }

  /** A shape of the present tool around a point, for those who do not drag. */
  plain([x, y], half = 0.12) {
    const [dx, dy] = [(half * LONG) / this.size.w, (half * LONG) / this.size.h];
    const points = [[clamp(x - dx), clamp(y + dy)], [clamp(x + dx), clamp(y - dy)]];
    return { kind: this.tool, points, ...(this.tool !== "blur" && { colour: this.colour }) };
  }

  /** A shape moved by shares of the picture, never out of it. */
  moved(shape, dx, dy) {
    const shift = (by, all) => Math.min(1 - Math.max(...all), Math.max(-Math.min(...all), by));
    const right = shift(dx, shape.points.map(([x]) => x)), down = shift(dy, shape.points.map(([, y]) => y));
    return { ...shape, points: shape.points.map(([x, y]) => [x + right, y + down]) };
  }

  get _reach() { return [this.size.w / LONG, this.size.h / LONG]; }

  _far([x, y], [u, v]) {
    const [w, h] = this._reach;
    return Math.hypot((u - x) * w, (v - y) * h);
  }

  _key(event) {
    const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const n = Number(event.target.dataset?.n ?? NaN);
    if (!this.shapes[n]) return;
    if (steps[event.key]) this.on.put(n, this.moved(this.shapes[n], ...steps[event.key].map((by) => by * 0.01)));
    else if (["Delete", "Backspace"].includes(event.key)) this.on.cut(n);
    else return;
    event.preventDefault();
  }
}

/** Fewer points on the same line (Ramer, Douglas, Peucker), in shares of the picture. */
export function simpler(points, [w, h]) {
  if (points.length < 3) return points;
  const [[x, y], [u, v]] = [points[0], points.at(-1)];
  const [dx, dy] = [(u - x) * w, (v - y) * h];
  const long = Math.hypot(dx, dy);
  let worst = 0, at = 0;
  for (let n = 1; n < points.length - 1; n++) {
    const [px, py] = [(points[n][0] - x) * w, (points[n][1] - y) * h];
    const off = long ? Math.abs(px * dy - py * dx) / long : Math.hypot(px, py);
    if (off > worst) [worst, at] = [off, n];
  }
  if (worst < FINE) return [points[0], points.at(-1)];
  return [...simpler(points.slice(0, at + 1), [w, h]).slice(0, -1), ...simpler(points.slice(at), [w, h])];
}
