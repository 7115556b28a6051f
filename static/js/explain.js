// The sheet behind the top bar's words.

import { make } from "./make.js";
import { say } from "./say.js";
import { retry, unsent } from "./sending.js";
import { button, show } from "./sheet.js";
import { durable } from "./store.js";

/** The sheet behind the top bar's words: what waits, what was refused and why. */
export function explain() {
  const things = unsent();
  const refused = things.filter((thing) => thing.state === "refused");
  const waiting = things.length - refused.length;
  const nodes = [make("p", "", waiting ? say("sync.waiting", { n: waiting }) : refused.length ? "" : say("sync.none"))];
  if (!durable()) nodes.unshift(make("p", "alarm", say("sync.memory")));
  if (refused.length) {
    nodes.push(make("h3", "", say("sync.refused")), make("ul", "", ...refused.map((thing) => make("li", "", thing.message ?? ""))));
  }
  if (things.length) nodes.push(button("button-primary", say("sync.again"), retry));
  show(say("sync.title"), nodes);
}
