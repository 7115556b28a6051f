// A hand as it was drawn, as the minutes show it.

import { path } from "./glass.js";
import { say } from "./say.js";

const svg = (name, given) => Object.entries(given).reduce((made, [key, value]) => (made.setAttribute(key, value), made), document.createElementNS("http://www.w3.org/2000/svg", name));

/** The picture of a signature. */
export function drawing(hand) {
  const { d, box } = path(hand.strokes);
  const made = svg("svg", { viewBox: box, role: "img", "aria-label": say("hand.drawn", hand), class: "hand-drawn" });
  made.append(svg("path", { d }));
  return made;
}
