// What a person has begun and not finished, sealed: a photo that is being taken, strokes, a meeting.

import { transaction } from "./database.js";
import { write } from "./rows.js";
import * as vault from "./vault.js";

const record = (user, name) => transaction(["drafts"], "readonly", (store) => store("drafts").get([user, name])).catch(() => null);

/** Something unfinished of a person, sealed; undefined when there is none or it cannot be opened now. */
export async function draft(user, name) {
  const kept = await record(user, name);
  return kept ? vault.show(user, `drafts ${user} ${name}`, kept).catch(() => undefined) : undefined;
}

/** Whether something sealed stands there: it can be opened once the key is here. */
export const drafted = async (user, name) => Boolean((await record(user, name))?.sealed);

/** Keep something unfinished, on a full device in the room held back for answers; undefined forgets it. */
export async function setDraft(user, name, value) {
  const kept = value === undefined ? null : await vault.hide(user, `drafts ${user} ${name}`, value);
  await write(["drafts"], (store) => {
    if (kept) store("drafts").put({ user, name, ...kept });
    else store("drafts").delete([user, name]);
  });
}
