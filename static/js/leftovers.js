// What earlier pages left here: what was kept in clear is sealed in its place, and photos that were withdrawn long ago
// give their room back. Nothing else is ever taken away before the server has it.

import { tidy } from "./acked.js";
import { transaction } from "./database.js";
import { hidden } from "./rows.js";
import { sealedBytes } from "./store.js";
import * as vault from "./vault.js";

const KEPT = 24 * 3_600_000; // a withdrawn photo can be taken back as long
const BALLAST = "ballast"; // version 1 held room back in a record, which gave none back: see ballast.js

/** Put in order what this person has here; sealing waits for the key. */
export async function settle(user) {
  await sweep(user);
  await tidy();
  await vault.unlocked(user);
  await seal(user);
}

/** Seal in its place what this person has here in clear; without the key it stays as it is. */
export async function seal(user) {
  if (!(await vault.key(user))) return;
  const mine = (line) => line.user === user;
  const [rows, files, drafts, log] = await Promise.all(["rows", "files", "drafts", "log"].map(all));
  for (const entry of rows.filter(mine)) if (!entry.sealed) await sealRow(entry);
  for (const line of files.filter(mine)) await sealFile(line);
  for (const line of drafts.filter(mine)) await sealLine("drafts", [user, line.name], `drafts ${user} ${line.name}`, line);
  for (const line of log.filter(mine)) await sealLine("log", line.n, `log ${user} ${line.inspection}`, line);
}

const all = (name) => transaction([name], "readonly", (store) => store(name).getAll());

/** Change a record if it is still there and still as it was: `with_(record)` is what it becomes. */
function replace(name, key, with_) {
  return transaction([name], "readwrite", (store) => {
    store(name).get(key).onsuccess = ({ target: { result: now } }) => { if (now && !now.sealed) store(name).put(with_(now)); };
  });
}

async function sealRow(entry) {
  const { id, row, sealed, said } = await hidden(entry);
  if (sealed) await replace("rows", entry.n, ({ message, plain, ...now }) => ({ ...now, id, row, sealed, said }));
}

async function sealLine(name, key, place, line) {
  if (line.sealed) return;
  const { sealed } = await vault.hide(line.user, place, line.plain);
  if (sealed) await replace(name, key, ({ plain, ...now }) => ({ ...now, sealed }));
}

/** A line that does not say whether its bytes are sealed comes from an earlier version: they are looked at, once. */
async function sealFile(line) {
  if (line.sealed) return;
  const bare = await transaction(["bytes"], "readonly", (store) => store("bytes").get(line.key));
  const body = bare instanceof ArrayBuffer ? await sealedBytes(line, bare) : null;
  if (body instanceof ArrayBuffer) return; // the key went meanwhile
  await transaction(["files", "bytes"], "readwrite", (store) => {
    if (body) store("bytes").getKey(line.key).onsuccess = ({ target }) => { if (target.result) store("bytes").put(body, line.key); };
    store("files").get(line.key).onsuccess = ({ target: { result: now } }) => { if (now) store("files").put({ ...now, sealed: true }); };
  });
}

/** The files of photos that were withdrawn before they were sent, a day later; those withdrawn by version 1 from today on. */
async function sweep(user) {
  await transaction(["files", "bytes"], "readwrite", (store) => {
    store("bytes").delete(BALLAST);
    store("files").getAll().onsuccess = ({ target }) => {
      for (const line of target.result) {
        if (line.user !== user || line.state !== "superseded") continue;
        if (!line.since) store("files").put({ ...line, since: Date.now() });
        else if (Date.now() - line.since > KEPT) {
          store("files").delete(line.key);
          store("bytes").delete(line.key);
        }
      }
    };
  });
}
