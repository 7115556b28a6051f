// What stands in a field and is no row yet: half a ratio, a count without its other half, the words of this very second.
// Written down, sealed, while one types; a page that was killed puts it back into its fields.

import { writing } from "./alone.js";
import { latest, typing } from "./extras.js";
import { forget, held, lookers, things } from "./sending.js";
import * as store from "./store.js";
import { unlocked } from "./vault.js";

const page = document.body.dataset;
const main = document.querySelector("#main");
const NAME = `begun ${page.inspection}`;
const SOON = 500; // ms: not for each key
const AGAIN = 2_000; // after the device would not take it
const begun = new Set(); // boxes (items, counts, remarks) into which something was typed that is perhaps no row yet
const edited = new Set(); // fields in which somebody typed on this page
const before = new Map(); // box of a count or a remark → what stood there before one typed
let items = new Map();
let asked = "{}"; // what the device was asked to keep
let timer = 0;
let turn = Promise.resolve();

main.addEventListener("input", ({ target }) => edited.add(target)); // also before resume(), and what was typed and deleted

const boxOf = (target) => target.closest?.("[data-item], [data-equipment], [data-remark]");
const nameOf = ({ dataset }) => dataset.item ?? dataset.equipment ?? dataset.remark;
const fields = (box) => [...box.querySelectorAll("textarea, [inputmode], .kit-note input")];
const values = (box) => fields(box).map(({ value }) => value.normalize("NFC").trim());

/** What would stand in the fields of a box if nothing were begun there. */
function said(box) {
  const { answer } = items.get(box.dataset.item) ?? {};
  if (!answer) return before.get(box) ?? fields(box).map(({ defaultValue }) => defaultValue.trim());
  return fields(box).map(({ name }) => (name === "note" ? answer.note : String(answer[name] ?? "").replace(".", ",")));
}

/** Whether something in a box is no row on this device yet. */
function unfinished(box) {
  const item = items.get(box.dataset.item);
  const [row, name] = item ? [item.row, `typing ${item.id}`] : [latest.get(box), typing(box)];
  if (held(name) || held(row)?.state === "empty") return true;
  if (item) return ["number", "of"].some((field) => half(item, field));
  const [all, fit, note] = values(box);
  return "equipment" in box.dataset && Boolean(all || fit || note) && !([all, fit].every((one) => /^\d+$/.test(one)) && Number(fit) <= Number(all));
}

/** Whether a field of an item says something that its answer does not. */
function half(item, name) {
  if (!item.box.querySelector(`input[name=${name}]`)?.value.trim()) return false;
  const number = item.typed(name);
  return number === null || number !== item.answer[name];
}

function soon() { timer ||= setTimeout(write, SOON); }

/** Have the device keep what is unfinished now, and forget what no longer is. */
function write() {
  clearTimeout(timer);
  timer = 0;
  if (page.open === "no") return; // another page writes
  for (const box of begun) {
    const still = unfinished(box);
    box.toggleAttribute("data-begun", still);
    if (!still) begun.delete(box);
  }
  const left = Object.fromEntries([...begun].map((box) => [nameOf(box), { was: said(box), now: values(box) }]));
  const wanted = JSON.stringify(left), halves = [...things.keys()].filter((name) => name.startsWith("half "));
  for (const name of halves) if (!(name.slice("half ".length) in left)) forget(name); // it is whole by now, or gone
  const kept = () => halves.forEach(forget);
  if (wanted === asked) return void turn.then(kept);
  asked = wanted;
  turn = turn.then(() => store.setDraft(page.user, NAME, begun.size ? left : undefined)).then(kept).catch(() => {
    asked = "";
    timer ||= setTimeout(write, AGAIN);
  });
}

/** Put back what was begun in a box, as if it were typed now: never over what was typed or an answer has said since. */
function put(box, { was, now }) {
  const here = values(box);
  const off = box.querySelector("[value=khong_ap_dung]:checked");
  const back = fields(box).filter((field, i) => now[i] !== was[i] && here[i] === was[i] && !edited.has(field) && field !== document.activeElement && !(off && field.inputMode));
  before.set(box, here);
  fields(box).forEach((field, i) => { if (back.includes(field)) field.value = now[i]; });
  for (const field of back) field.dispatchEvent(new Event("change", { bubbles: true }));
}

/** The numbers that stand in boxes of which something is no row yet: [[field, what stands there]]. */
export const numbers = () => [...main.querySelectorAll("[data-item][data-begun] .steps input")].map((field) => [field, field.value]).filter(([, value]) => value);

/** Show again what an earlier page left unfinished, once this page is the one that writes; write down from now on. */
export async function resume(all) {
  items = all;
  await writing;
  if (await store.drafted(page.user, NAME)) await unlocked(page.user); // else it would be written over
  const left = page.open === "no" ? {} : (await store.draft(page.user, NAME)) ?? {};
  asked = JSON.stringify(left);
  for (const box of main.querySelectorAll("[data-item], [data-equipment], [data-remark]")) {
    if (left[nameOf(box)] && !box.disabled) put(box, left[nameOf(box)]);
    begun.add(box);
  }
  main.addEventListener("focusin", ({ target }) => { const box = boxOf(target); if (box && !begun.has(box)) before.set(box, values(box)); });
  main.addEventListener("input", ({ target }) => { const box = boxOf(target); if (box) begun.add(box); soon(); });
  main.addEventListener("change", ({ target }) => { const box = boxOf(target); if (box) begun.add(box); write(); });
  document.addEventListener("visibilitychange", write);
  lookers.add(soon);
  write();
}
