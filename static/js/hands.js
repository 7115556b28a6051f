// Who has signed, and how: a hand as it was drawn, and its card under the minutes.

import { path } from "./glass.js";
import { make } from "./make.js";
import { clock, say } from "./say.js";

const page = document.body.dataset;

const svg = (name, given) => Object.entries(given).reduce((made, [key, value]) => (made.setAttribute(key, value), made), document.createElementNS("http://www.w3.org/2000/svg", name));

/** The picture of a signature. */
function drawing(hand) {
  const { d, box } = path(hand.strokes);
  const made = svg("svg", { viewBox: box, role: "img", "aria-label": say("hand.drawn", hand), class: "hand-drawn" });
  made.append(svg("path", { d }));
  return made;
}

/** The first half of a digest, as people compare it. */
export const inFours = (hex) => hex.slice(0, 16).toUpperCase().match(/.{4}/g).join("-");

/** The card of a role: who signed, if anybody, how it is `stale`, if it no longer vouches for what stands, and what can be
 *  done now. */
export function card(role, hand, stale, where) {
  const state = !hand ? "none" : stale ? "stale" : hand.refused ? "refused" : "signed";
  const made = make("li", "hand", make("div", "hand-head", make("h4", "", say(`role.${role}`)), make("p", `hand-state ${state}`, say(`hand.${(hand && stale) || state}`))));
  Object.assign(made.dataset, { role, hand: state });
  if (hand?.strokes.length) made.append(drawing(hand));
  if (hand) {
    made.append(make("p", "", make("b", "", hand.name), hand.title ? `, ${hand.title}` : ""));
    if (hand.refused) made.append(make("p", "", say("hand.reason", hand)));
    made.append(make("p", "soft", `${clock(hand.signed_at)} · ${say(`state.${where(hand)}`)}`), make("p", "soft", say("meeting.code", { code: inFours(hand.digest) })));
  }
  if (page.open !== "no" && role !== "witness" && (!hand || stale || hand.refused)) made.append(choices(role, hand));
  return made;
}

function choices(role, hand) {
  const choice = (looks, key) => Object.assign(make("button", `button ${looks}`, say(key)), { type: "button" });
  const row = make("div", "row", choice("button-primary", hand ? "hand.again" : "hand.sign"));
  Object.assign(row.firstChild.dataset, { act: "sign", role });
  if (role === "agency") {
    row.append(choice("button-danger", "hand.refuse"));
    row.lastChild.dataset.act = "refuse";
  }
  return row;
}
