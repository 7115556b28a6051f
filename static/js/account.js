// Whose tablet it is now: on every page of somebody signed in, what others keep here is put away; signing out puts one's
// own away, and so does the sign-in page, however the session ended. What has not been sent stays, sealed, until its owner
// comes back; how much that is, is said before and after.

import { transaction } from "./database.js";
import { part } from "./parts.js";
import { say } from "./say.js";
import { hear, named } from "./whose.js";

const form = document.querySelector("form[data-account]");
const left = document.querySelector("[data-left-here]"); // on the sign-in page
const closes = Boolean(globalThis.crypto?.subtle); // without a secure context nothing can be sealed
const PATIENCE = 20_000;
let sure = false;

/** Whether a tablet's database is here at all: a desk in the office needs none. */
async function kept() {
  const all = await globalThis.indexedDB?.databases?.().catch(() => null);
  return all ? all.some(({ name }) => name === "audit") : Boolean(globalThis.indexedDB);
}

/** How many changes and photos are here that the server has not: of one person, or of all. */
async function unsent(user) {
  const mine = (line) => (!user || line.user === user) && line.state !== "superseded";
  const [rows, files] = await Promise.all(["rows", "files"].map((name) => transaction([name], "readonly", (store) => store(name).getAll())));
  return rows.filter(mine).length + files.filter((file) => mine(file) && file.role === "original").length;
}

async function leave() {
  const { account } = form.dataset;
  const n = sure || !(await kept()) ? 0 : await unsent(account).catch(() => 0);
  if (n) return ask(n);
  if (await kept()) await away().then(({ ready }) => ready(account)).catch(() => {});
  try {
    const answer = await fetch(form.action, { method: "POST", body: new FormData(form), redirect: "manual", signal: AbortSignal.timeout?.(PATIENCE) });
    if (answer.type !== "opaqueredirect" && answer.status !== 401) return HTMLFormElement.prototype.submit.call(form); // whatever it is, the page says it
  } catch {
    await part("account");
    return tell(say("leave.offline"));
  }
  named(null);
  sessionStorage.removeItem("typed"); // see typed.js: who signs out leaves nothing behind
  if (await kept()) await putAway();
  location.assign("/sign-in");
}

/** Fetched on a tablet only: what puts away. */
const away = () => import("./putaway.js");
const putAway = (user) => away().then((all) => all.putAway(user)).then(({ sealed }) => sealed).catch(() => {});

/** Somebody else is signed in by now, or nobody: this page is shown no longer. */
async function gone(user) {
  document.body.inert = document.body.hidden = true;
  if (await kept()) { // a tablet: what was typed goes too, and a slow line brings no kept page again
    sessionStorage.removeItem("typed");
    await putAway(user);
  }
  location.replace("/sign-in"); // or, from there, home
}

async function ask(n) {
  const notice = await tell(null, document.importNode((await part("account")).querySelector("[data-leaving]"), true));
  notice.querySelector("[data-how-much]").textContent = say(closes ? "leave.unsent" : "leave.open", { n });
  notice.querySelector("[data-stay]").addEventListener("click", () => { notice.remove(); form.querySelector("button").focus(); });
  notice.querySelector("[data-go]").addEventListener("click", () => { sure = true; leave(); });
  notice.querySelector("[data-stay]").focus();
}

function tell(sentence, notice = document.createElement("div")) {
  document.querySelector("[data-leaving]")?.remove();
  if (sentence) Object.assign(notice, { className: "notice notice-error", textContent: sentence }).setAttribute("role", "alert");
  notice.dataset.leaving = "";
  (document.querySelector("#main .page") ?? document.querySelector("#main")).prepend(notice);
  notice.scrollIntoView({ block: "nearest" });
  return notice;
}

/** Not awaited at the top: putaway.js takes modules from this file, and waits until it has run. */
async function start() {
  if (form) {
    form.addEventListener("submit", (event) => { event.preventDefault(); leave(); });
    hear(form.dataset.account, gone);
    addEventListener("other", ({ detail }) => gone(detail)); // link.js, day.js: the server says so
    if (!("kept" in document.documentElement.dataset)) named(form.dataset.account); // it comes from the server
    if (await kept()) await putAway(form.dataset.account);
  }
  if (left && await kept()) {
    named(null);
    await putAway();
    const n = await unsent().catch(() => 0);
    left.hidden = !n;
    left.querySelector("[data-n]").textContent = n;
    for (const how of left.querySelectorAll("[data-how]")) how.hidden = (how.dataset.how === "sealed") !== closes;
  }
  document.documentElement.dataset.locked = "yes";
}

start();
