// Sends from the day page what visits left on this device: an inspector need not open each of them for that.

import { Outbox } from "./outbox.js";
import { waiting } from "./rows.js";
import { fact } from "./store.js";

const begun = new Set();

/** Send what waits of these visits; `counted(visit, n)` whenever something has arrived. */
export function deliver(visits, user, counted) {
  for (const visit of visits) if (!begun.has(visit)) begin(visit, user, counted);
}

function begin(inspection, user, counted) {
  begun.add(inspection);
  const count = async () => {
    const { rows, files, locked } = await waiting(inspection, user);
    counted(inspection, rows.length + locked + files.filter(({ role }) => role === "original").length);
  };
  const outbox = new Outbox({ known: new Set(), sync: "/sync", inspection, user, tell: { row() {}, file() {}, status: count } });
  outbox.originalsMaySend = async () => (await fact("originals")) !== "wifi"; // those who wait for Wi-Fi go from their own page
  outbox.kick(true);
}
