// Shapes over a photo as SVG, in the measures of media/markup.py: what is seen here is what others will get.

export const LONG = 1200; // units along the longer side of the photo
const THICK = 6;
const RIM = 9;
const TALL = 40;
const LEADING = 1.25;
const ASCENT = 0.891;
const GROWN = 0.008 * LONG;
const CELLS = 4; // mean colours along the longer side of what is blurred
const SAMPLES = 12;
const STEP = 32;
const FONT = `bold ${TALL}px "Audit Serif", "Liberation Serif", "Times New Roman", Times, serif`;
const mosaics = new WeakMap(); // shape → its mosaic, for it never changes

/** An SVG element with attributes and children. */
export function svg(tag, facts = {}, ...inside) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(facts)) made.setAttribute(name, value);
  made.append(...inside);
  return made;
}

/** The size of a loaded picture in units: {w, h}. */
export function sized({ naturalWidth, naturalHeight }) {
  const share = LONG / Math.max(naturalWidth, naturalHeight, 1);
  return { w: naturalWidth * share || LONG, h: naturalHeight * share || LONG };
}

/** An <svg> that lies exactly over a loaded picture with `object-fit: contain`, with everything drawn on it. */
export function overlay(picture, shapes) {
  const size = sized(picture);
  return svg("svg", { class: "overlay", viewBox: `0 0 ${size.w} ${size.h}`, "aria-hidden": "true" }, ...inOrder(shapes).map((shape) => drawn(shape, size, picture)));
}

/** Shapes as they lie on each other: what is blurred below all else. */
export function inOrder(shapes) {
  return [...shapes.filter(({ kind }) => kind === "blur"), ...shapes.filter(({ kind }) => kind !== "blur")];
}

/** One shape. Without a `picture` what will be blurred is only outlined. */
export function drawn(shape, size, picture = null) {
  const points = shape.points.map(([x, y]) => [x * size.w, y * size.h]);
  if (shape.kind === "blur") return picture ? blurred(shape, size, picture) : svg("rect", { class: "veil", ...rectangle(points) });
  if (shape.kind === "text") return words(shape, points[0], size);
  if (shape.kind === "arrow") return arrow(points, shape.colour);
  return lined(OUTLINES[shape.kind](points), shape.colour);
}

/** The bare line of a shape, without colour: what a finger has to meet to pick it up; null when that is its whole box. */
export function outline({ kind, points }, { w, h }) {
  return (kind === "arrow" ? OUTLINES.pen : OUTLINES[kind])?.(points.map(([x, y]) => [x * w, y * h])) ?? null;
}

const OUTLINES = {
  pen: (points) => svg("path", { d: path(points) }),
  box: (points) => svg("rect", rectangle(points)),
  circle: (points) => {
    const { x, y, width, height } = rectangle(points);
    return svg("ellipse", { cx: x + width / 2, cy: y + height / 2, rx: width / 2, ry: height / 2 });
  },
};

/** Left, top, width, height of the rectangle between two corners. */
export function rectangle([[x, y], [u, v]]) {
  return { x: Math.min(x, u), y: Math.min(y, v), width: Math.abs(u - x), height: Math.abs(v - y) };
}

/** A path through points; one point alone is a dot. */
export function path(points) {
  return `M${(points.length > 1 ? points : [points[0], points[0]]).map((point) => point.map((n) => n.toFixed(1)).join()).join("L")}`;
}

/** A line with a light rim, so that it is seen on dark and on bright walls. */
function lined(line, colour) {
  const rim = line.cloneNode();
  rim.setAttribute("class", "rim");
  rim.setAttribute("stroke-width", RIM);
  line.setAttribute("stroke", colour);
  line.setAttribute("stroke-width", THICK);
  return svg("g", { class: "line" }, rim, line);
}

/** From the first point to the second, where its head is. */
function arrow([[x, y], [u, v]], colour) {
  const away = Math.max(1, Math.hypot(u - x, v - y));
  const [dx, dy] = [(u - x) / away, (v - y) / away];
  const head = Math.max(5 * THICK, Math.min(8 * THICK, away / 3));
  const neck = [u - dx * head, v - dy * head];
  const line = lined(svg("path", { d: path([[x, y], neck]) }), colour);
  for (const [more, facts] of [[THICK / 2, { class: "rim-fill" }], [0, { fill: colour }]]) {
    const half = head * 0.45 + more;
    const back = [neck[0] - dx * more, neck[1] - dy * more];
    const corners = [[u + dx * more, v + dy * more], [back[0] - dy * half, back[1] + dx * half], [back[0] + dy * half, back[1] - dx * half]];
    line.append(svg("path", { d: `${path(corners)}Z`, stroke: "none", ...facts }));
  }
  return line;
}

/** Words from their top left corner, broken into lines where long, moved in where they would leave the picture. */
function words({ text, colour }, [x, y], { w, h }) {
  const pen = document.createElement("canvas").getContext("2d");
  pen.font = FONT;
  const wide = (line) => pen.measureText(line).width;
  const edge = 2 * (TALL / 8);
  const lines = [""];
  for (const word of text.split(/\s+/)) {
    const longer = `${lines.at(-1)} ${word}`.trim();
    if (wide(longer) <= w - 3 * edge || !lines.at(-1)) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  const left = Math.max(edge, Math.min(x, w - Math.max(...lines.map(wide)) - edge));
  const top = Math.max(edge, Math.min(y, h - lines.length * TALL * LEADING - edge));
  const line = (said, n) => svg("tspan", { x: left, y: top + (n * LEADING + ASCENT) * TALL }, said);
  return svg("text", { class: "words", "font-size": TALL, fill: colour }, ...lines.map(line));
}

/** A few mean colours are all that is left, as in the picture that others get. */
function blurred(shape, { w, h }, picture) {
  if (mosaics.has(shape)) return mosaics.get(shape).cloneNode(true);
  const { x, y, width, height } = rectangle(shape.points.map(([x, y]) => [x * w, y * h]));
  const [left, top] = [Math.max(0, x - GROWN), Math.max(0, y - GROWN)];
  const [wide, tall] = [Math.min(w, x + width + GROWN) - left, Math.min(h, y + height + GROWN) - top];
  const [columns, rows] = [wide, tall].map((side) => Math.max(1, Math.round((CELLS * side) / Math.max(wide, tall))));
  const tints = means(picture, [left / w, top / h, wide / w, tall / h], columns, rows);
  const cell = (tint, n) => svg("rect", {
    x: left + ((n % columns) * wide) / columns, y: top + (Math.floor(n / columns) * tall) / rows,
    width: wide / columns + 0.5, height: tall / rows + 0.5, fill: tint,
  });
  const made = svg("g", { class: "blurred" }, ...tints.map(cell));
  mosaics.set(shape, made);
  return made.cloneNode(true);
}

/** Mean colours, coarsely rounded, of a part of a picture [left, top, width, height in shares of it], row by row. */
function means(picture, [left, top, wide, tall], columns, rows) {
  const [w, h] = [columns * SAMPLES, rows * SAMPLES];
  const pen = Object.assign(document.createElement("canvas"), { width: w, height: h }).getContext("2d", { willReadFrequently: true });
  const { naturalWidth, naturalHeight } = picture;
  pen.drawImage(picture, left * naturalWidth, top * naturalHeight, wide * naturalWidth, tall * naturalHeight, 0, 0, w, h);
  const { data } = pen.getImageData(0, 0, w, h);
  return Array.from({ length: columns * rows }, (_, n) => {
    const sum = [0, 0, 0];
    for (let y = 0; y < SAMPLES; y++) {
      for (let x = 0; x < SAMPLES; x++) {
        const at = 4 * ((Math.floor(n / columns) * SAMPLES + y) * w + (n % columns) * SAMPLES + x);
        for (const part of [0, 1, 2]) sum[part] += data[at + part];
      }
    }
    return `rgb(${sum.map((all) => Math.floor(all / SAMPLES ** 2 / STEP) * STEP + STEP / 2).join()})`;
  });
}
