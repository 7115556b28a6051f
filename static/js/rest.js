// What nobody needs for reading and for keeping answers, as one second file: later.js fetches it.

import { bringBack } from "./acked.js";
import * as alone from "./alone.js";
import { catchUp } from "./arrived.js";
import { hold } from "./ballast.js";
import * as bars from "./bars.js";
import * as bare from "./bare.js";
import * as begun from "./begun.js";
import * as blame from "./blame.js";
import * as bounce from "./bounce.js";
import { idle } from "./cards.js";
import * as closing from "./closing.js";
import { explain } from "./explain.js";
import * as follow from "./follow.js";
import * as grow from "./grow.js";
import * as guide from "./guide.js";
import * as handover from "./handover.js";
import { until } from "./later.js";
import { settle } from "./leftovers.js";
import * as looking from "./looking.js";
import * as marks from "./marks.js";
import { meet, rejoin } from "./meet.js";
import * as originals from "./originals.js";
import { Outbox } from "./outbox.js";
import * as photos from "./photos.js";
import * as place from "./place.js";
import { part, script } from "./parts.js";
import * as phrases from "./phrases.js";
import { reach, screen } from "./reach.js";
import * as refocus from "./refocus.js";
import { adopt, connect, held, sender } from "./sending.js";
import * as severity from "./severity.js";
import * as shelving from "./shelving.js";
import * as shooting from "./shooting.js";
import * as store from "./store.js";
import * as thaw from "./thaw.js";
import * as watch from "./watch.js";

await until(() => part("rest")); // its sentences, before anything may say one
if (sender()) throw new Error("another try of later.js was quicker");
connect(Outbox, store);
originals.begin();
bars.begin();
grow.begin();
follow.begin();
hold();
watch.watch();
settle(document.body.dataset.user);
place.begin();
bounce.begin();
alone.begin();
alone.writing.then(photos.takeOutLeft);
blame.begin();
refocus.begin();
handover.begin();
thaw.begin();
marks.begin();
until(() => script("keeping")).then(({ begin }) => begin()); // openable without a network: nobody waits for it

/** Go on where this page, or another one here, was; step by step, so that no tap waits for all of them. */
export async function goOn({ items, found, visit, touch }) {
  const words = () => items.forEach((item) => item.typing || item.paint()); // for what was typed wrong before they were here
  for (const step of [words, () => catchUp(items, found).then(() => phrases.begin(visit)).then(() => begun.resume(items)), () => severity.begin(items), () => bare.begin(items), marks.resume, () => rejoin(visit), () => touch || place.reopen()]) {
    step();
    await idle();
  }
  alone.writing.then(() => recall(found)).then(() => closing.resume(visit)); // nothing is handed in by a tab that only reads
}

/** What a server that was set back to an older copy has lost of this visit is shown again, and sent again. */
async function recall(found) {
  const back = await bringBack(sender()).catch(() => -1);
  if (back < 0) addEventListener("online", () => recall(found), { once: true });
  if (back < 1) return;
  const halves = begun.numbers();
  await adopt((entry) => (held(`typing ${entry.row.item}`) ? null : found(entry))); // nothing is written over what is being typed
  for (const [field, value] of halves) if (!field.value) {
    field.value = value;
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }
  sender().kick(true);
}

export { blame, closing, explain, guide, looking, marks, meet, photos, phrases, reach, screen, script, severity, shelving, shooting, watch };
