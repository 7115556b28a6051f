// Sending when a person asks for it, and knowing when it is over: comes with rest.js, where the sender is.

import { lookers, sender, things } from "./sending.js";

export const retry = () => sender().kick(true);

/** Resolves when every row is at the server, or cannot get there now: {rows, refused, status}. What belongs to a refused
 *  photo waits for it; no row waits for an original, which may come later or be lost. */
export function rowsSent() {
  const { activeElement } = document;
  if (activeElement?.matches("input, textarea")) activeElement.blur(); // a tap on an iPad's button leaves it: what is typed there is kept now
  retry();
  return new Promise((done) => {
    const look = () => {
      const { status, stuck } = sender(), all = [...things].filter(([id]) => !id.includes("/"));
      const refused = all.filter(([, { state }]) => state === "refused").length;
      const rows = all.filter(([id, { state }]) => state !== "refused" && !stuck.has(id)).length;
      if (rows && ["idle", "sending"].includes(status)) return;
      lookers.delete(look);
      done({ rows, refused, status });
    };
    lookers.add(look);
    setTimeout(look, 0);
  });
}
