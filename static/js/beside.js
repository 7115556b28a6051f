// What colleagues counted and wrote beside the items: shown on this tablet, never over what is only here.

import { fill, latest, listener, typing } from "./extras.js";
import { held } from "./sending.js";

/** The ids of what a box shows: as it says, else of the one among `rows` that says the same. */
export function standing(box, rows = []) {
  const fields = [...box.querySelectorAll("input")].map(({ value }) => value.trim()).join();
  const same = rows.find(({ kind, total, working, note }) => kind === box.dataset.equipment && [total, working, note].join() === fields);
  return (box.dataset.known ?? same?.id ?? "").split(" ").filter(Boolean);
}

const words = ({ textContent }) => textContent;

/** Show it (`past`: the ids of all there ever was at the server; `differing`: what colleagues counted otherwise), unless
 *  something of the box is only here or under somebody's fingers. Returns whether nothing was passed over. */
export function beside(box, { known, past }, values, differing) {
  const lines = [...box.querySelectorAll(".differs")];
  if (box.dataset.known === known && lines.map(words).join("") === words(differing)) return true;
  const own = latest.get(box);
  if (held(own) || held(typing(box)) || "begun" in box.dataset || box.contains(document.activeElement) || (own && !past.split(" ").includes(own))) return false;
  fill(box, values);
  for (const line of lines) line.remove();
  box.append(document.importNode(differing, true));
  latest.delete(box);
  box.dataset.known = known;
  listener(box, null)("server");
  return true;
}
