// Of which visits something is on this device that the server has not, whether or not they still stand on a person's list.

import { transaction } from "./database.js";

/** The ids of these visits; none while the device cannot be read. */
export async function remaining(user) {
  const mine = (line) => line.user === user && line.state !== "superseded";
  const all = await Promise.all(["rows", "files"].map((name) => transaction([name], "readonly", (store) => store(name).getAll()))).catch(() => []);
  return new Set(all.flat().filter(mine).map(({ inspection }) => inspection));
}
