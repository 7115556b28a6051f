// Before leaving the site: the figures of this tablet beside those of the server, and what is to be done until they
// are the same. Shown after submission and whenever somebody asks.

import { announce, held } from "./announce.js";
import { make } from "./make.js";
import { part, script } from "./parts.js";
import { reach, screen } from "./reach.js";
import { clock, say } from "./say.js";
import { sender } from "./sending.js";
import { rowsSent } from "./sent.js";
import { leave, show } from "./sheet.js";
import * as store from "./store.js";
import { missing } from "./watch.js";

const NAMED = 12;
const page = document.body.dataset;
const main = document.querySelector("#main");
let box = null;
let heard = null; // whether the server answered what was asked last; null while it is being asked
const find = (mark) => box.querySelector(mark);

/** Open it, then send and ask the server. */
export async function open() {
  const doc = await part("leaving");
  box = document.importNode(doc.querySelector("[data-leaving]"), true);
  find("[data-agency]").textContent = document.querySelector("h1").textContent;
  find("[data-home]").href = "/";
  box.addEventListener("click", ({ target }) => ACTS[target.closest("[data-act]")?.dataset.act]?.(target));
  heard = null;
  await paint();
  show(say("leaving.title"), [box]);
  await ask();
}

async function ask() {
  await rowsSent();
  const outbox = sender();
  heard = await outbox.link.hello().then(() => announce(outbox, true)).then(() => true, (error) => { outbox.failed(error); return false; });
  await paint();
}

/** What this page knows of the visit. */
function here() {
  const items = [...main.querySelectorAll("fieldset[data-item]")];
  return {
    items: items.length, answers: items.filter((item) => item.dataset.outcome).length,
    photos: main.querySelectorAll("[data-photo]:not([hidden], [data-state=refused])").length,
  };
}

async function paint() {
  const outbox = sender(), own = here();
  const [unsent, { rows, files }] = await Promise.all([held(outbox), store.waiting(page.inspection, page.user)]);
  const refused = [...rows, ...files].filter(({ state }) => state === "refused").length;
  const { received, answered, status } = outbox;
  const fresh = heard && received && !["offline", "signin", "update", "gone"].includes(status);
  const of = (n, whole) => say("leaving.of", { n, of: whole });
  const there = received ? { answers: of(received.answers, received.items), photos: of(received.pictures, Math.max(received.photos, own.photos)),
    originals: of(received.photos - received.originals_missing.length, Math.max(received.photos, own.photos)), receipt: unbroken(received.receipt) } : {};
  table([["answers", of(own.answers, own.items), there.answers], ["photos", String(own.photos), there.photos],
    ["originals", say("leaving.held", { n: unsent.originals }), there.originals], ["others", String(unsent.others), say("leaving.none")],
    ["receipt", unbroken(page.receipt ?? received?.receipt), there.receipt]]);
  const receipt = fresh ? received.receipt : page.receipt;
  find("[data-sum]").textContent = (fresh ? say("leaving.sum", there) : say("leaving.sum.here", { answers: of(own.answers, own.items), photos: own.photos, n: unsent.originals }))
    + (receipt ? say("leaving.sum.receipt", { receipt: unbroken(receipt) }) : "");
  const when = received && { time: clock(answered) };
  find("[data-server]").textContent = say(fresh || !received ? "leaving.server" : "leaving.server.then", when);
  find("[data-asked]").textContent = say(!received ? "leaving.asked.never" : fresh ? "leaving.asked" : "leaving.asked.then", when);
  judge({ outbox, own, unsent, refused, received, fresh });
}

/** A receipt that no line breaks. */
const unbroken = (receipt) => receipt?.replaceAll("-", "\u2011") ?? say("leaving.none");

function table(lines) {
  find("[data-sides]").replaceChildren(...lines.map(([kind, mine, theirs]) => {
    const name = make("th", "", say(`leaving.${kind}`));
    name.scope = "row";
    const cells = [mine, theirs ?? say("leaving.unknown")].map((said) => make("td", "", said));
    if (kind === "receipt" && mine === theirs) cells.splice(0, 2, Object.assign(cells[1], { colSpan: 2 })); // a phone has no room for two
    return make("tr", "", name, ...cells);
  }));
}

/** Green, or what is missing and what to do about it: as the server has just said, else as this page knows. */
function judge({ outbox, own, unsent, refused, received, fresh }) {
  const rows = unsent.answers + unsent.others + unsent.photos;
  const todo = [];
  if (outbox.status === "signin") todo.push(say("leaving.todo.signin"));
  if (refused) todo.push(link(say("leaving.todo.look", { n: refused }), () => screen("log", say("leaving.title"))));
  if (rows - refused > 0) todo.push(say("leaving.todo.unsent", { n: rows - refused }));
  const gaps = fresh ? received.missing : missing().map(({ item, kind }) => ({ item: item.id, kind }));
  const open = gaps.filter(({ kind }) => kind !== "conflict").map(({ item }) => item);
  const disputed = gaps.filter(({ kind }) => kind === "conflict").map(({ item }) => item);
  if (open.length) todo.push(say("leaving.todo.missing", { n: open.length, items: named(open) }));
  if (disputed.length) todo.push(say("leaving.todo.conflict", { items: named(disputed) }));
  if (fresh && !rows && (received.answers !== own.answers || received.photos !== own.photos)) todo.push(say("leaving.todo.differ"));
  if (fresh ? !received.receipt : page.open !== "no") todo.push(say("leaving.todo.submit"));
  const all = fresh && !todo.length && received.pictures === received.photos;
  box.toggleAttribute("data-all", Boolean(all));
  for (const [button, first] of [["[data-home]", all], ["[data-act=again]", !all]]) {
    find(button).classList.toggle("button-primary", Boolean(first));
    find(button).classList.toggle("button-secondary", !first);
  }
  find("[data-verdict]").textContent = say(heard === null ? "leaving.asking" : !fresh ? "leaving.offline" : !all ? "leaving.more" : received.originals_missing.length ? "leaving.sent" : "leaving.all");
  find("[data-todo]").hidden = !todo.length;
  find("[data-todo] ul").replaceChildren(...todo.map((line) => make("li", "", line)));
}

const named = (items) => items.slice(0, NAMED).join(", ") + (items.length > NAMED ? " …" : "");

function link(words, act) {
  const made = make("a", "", words);
  made.href = "#";
  made.addEventListener("click", (event) => { event.preventDefault(); leave(act); });
  return made;
}

const ACTS = {
  again: () => { heard = null; return paint().then(ask); },
  rescue: async ({ textContent }) => (await reach(textContent, () => script("rescue")))?.hand(find("[data-said]")),
};
