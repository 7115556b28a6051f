// Rows that stand on the device from the tap on, but go only when they can no longer be taken back. A page that dies holds
// nothing back any more: whoever comes next has them sent.

import { transaction } from "./database.js";
import { mark } from "./rows.js";

/** Have these rows sent from now on. */
export const release = (ids) => mark(new Map(ids.map((id) => [id, { state: "waiting" }])));

/** Release what pages that are gone held back of a visit, all but the rows in `own`. Resolves to whether there was any. */
export async function releaseLeft(inspection, user, own = new Set()) {
  const rows = await transaction(["rows"], "readonly", (store) => store("rows").getAll()).catch(() => []);
  const left = rows.filter((entry) => entry.state === "held" && entry.inspection === inspection && entry.user === user && !own.has(entry.row.id));
  if (left.length) await release(left.map(({ row }) => row.id));
  return left.length > 0;
}
