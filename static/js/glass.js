// A pane to write on: strokes as vectors in the measure of the pane on which the first was drawn, so that turning the
// device scales them and never clears them. Every finished stroke is handed out at once.

const MOST = { strokes: 200, points: 20_000 };
const round = (number) => Math.round(number * 10) / 10;

export class Glass {
  /** `drawn`: {strokes, width, height} or nothing; `changed(drawn)` after every stroke; `full()` when it takes no more. */
  constructor(Pad, canvas, drawn, { changed, full }) {
    Object.assign(this, { canvas, changed, full, strokes: drawn?.strokes ?? [], width: drawn?.width ?? 0, height: drawn?.height ?? 0 });
    this.pad = new Pad(canvas, { penColor: getComputedStyle(canvas).color, minWidth: 1, maxWidth: 3.2 });
    this.ended = () => this.take();
    this.pad.addEventListener("endStroke", this.ended);
    this.watch = new ResizeObserver(() => this.fit());
    this.watch.observe(canvas.parentElement);
    this.fit();
  }

  get drawn() { return { strokes: this.strokes, width: this.width, height: this.height }; }
  get empty() { return !this.strokes.length; }

  close() {
    this.take();
    this.watch.disconnect();
    this.pad.off();
  }

  /** As large as its place, as sharp as the screen; what was drawn is drawn again. */
  fit() {
    const { clientWidth, clientHeight } = this.canvas.parentElement;
    if (!clientWidth || !clientHeight) return;
    const sharp = Math.max(1, devicePixelRatio || 1);
    const [across, down] = [Math.round(clientWidth * sharp), Math.round(clientHeight * sharp)];
    if (this.canvas.width === across && this.canvas.height === down && this.scale) return;
    this.take();
    Object.assign(this.canvas, { width: across, height: down });
    this.canvas.getContext("2d").scale(sharp, sharp);
    if (this.empty) Object.assign(this, { width: Math.round(clientWidth), height: Math.round(clientHeight) });
    this.scale = Math.min(clientWidth / this.width, clientHeight / this.height);
    this.left = (clientWidth - this.width * this.scale) / 2;
    this.top = (clientHeight - this.height * this.scale) / 2;
    this.show();
  }

  show() {
    const groups = this.strokes.map((points) => ({
      penColor: this.pad.penColor, minWidth: this.pad.minWidth, maxWidth: this.pad.maxWidth, dotSize: 0, velocityFilterWeight: 0.7, compositeOperation: "source-over",
      points: points.map(([x, y, time, pressure]) => ({ x: x * this.scale + this.left, y: y * this.scale + this.top, time: time + 1, pressure })),
    }));
    this.pad.fromData(groups);
    this.known = this.pad.toData().length;
  }

  /** Take over the strokes that are new on the pad, also one that a turning device has cut off. */
  take() {
    const fresh = this.scale ? this.pad.toData().slice(this.known) : [];
    if (!fresh.length) return;
    this.known += fresh.length;
    this.began ??= fresh[0].points[0]?.time - (this.strokes.flat().at(-1)?.[2] ?? 0);
    for (const { points } of fresh) if (points.length) this.strokes = [...this.strokes, points.map((point) => this.#point(point))];
    if (this.strokes.length > MOST.strokes || this.strokes.reduce((sum, points) => sum + points.length, 0) > MOST.points) {
      this.strokes = this.strokes.slice(0, -1);
      this.show();
      return void this.full();
    }
    this.changed(this.drawn);
  }

  #point({ x, y, time, pressure }) {
    return [round((x - this.left) / this.scale), round((y - this.top) / this.scale), Math.max(0, Math.round(time - this.began)), Math.min(1, Math.max(0, Math.round(pressure * 100) / 100))];
  }

  undo() { this.#keep(this.strokes.slice(0, -1)); }
  clear() { this.#keep([]); }

  #keep(strokes) {
    this.strokes = strokes;
    if (!strokes.length) {
      this.scale = 0; // the next first stroke is drawn in the measure of the pane as it is then
      this.pad.clear();
      this.known = 0;
      this.fit();
    } else this.show();
    this.changed(this.drawn);
  }
}

/** Strokes as the `d` of an SVG path, and the box that holds them. */
export function path(strokes) {
  const points = strokes.flat();
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
  const [left, top] = [Math.min(...xs) - 4, Math.min(...ys) - 4];
  return {
    box: [left, top, Math.max(...xs) + 4 - left, Math.max(...ys) + 4 - top].map(round).join(" "),
    d: strokes.map(([first, ...rest]) => `M${round(first[0])} ${round(first[1])}${rest.map(([x, y]) => `L${round(x)} ${round(y)}`).join("") || "h0"}`).join(""),
  };
}
