// Whose tablet it is now: on every page of somebody signed in, what others keep here is locked; signing out locks one's
// own. What has not been sent stays, sealed, until its owner comes back; how much that is, is said before and after.

import { transaction } from "./database.js";
import { lock } from "./lock.js";
import { part } from "./parts.js";
import { say } from "./say.js";

const form = document.querySelector("form[data-account]");
const left = document.querySelector("[data-left-here]"); // on the sign-in page
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
  try {
    const answer = await fetch(form.action, { method: "POST", body: new FormData(form), redirect: "manual" });
    if (answer.type !== "opaqueredirect" && answer.status !== 401) return HTMLFormElement.prototype.submit.call(form); // whatever it is, the page says it
  } catch {
    await part("account");
    return tell(say("leave.offline"));
  }
  if (await kept()) await lock().catch(() => {});
  location.assign("/sign-in");
}

async function ask(n) {
  const notice = await tell(null, document.importNode((await part("account")).querySelector("[data-leaving]"), true));
  notice.querySelector("[data-how-much]").textContent = say("leave.unsent", { n });
  notice.querySelector("[data-stay]").addEventListener("click", () => { notice.remove(); form.querySelector("button").focus(); });
  const go = notice.querySelector("[data-go]");
  go.addEventListener("click", () => { sure = true; leave(); });
  go.focus();
}

function tell(sentence, notice = document.createElement("div")) {
  document.querySelector("[data-leaving]")?.remove();
  if (sentence) Object.assign(notice, { className: "notice notice-error", textContent: sentence }).setAttribute("role", "alert");
  notice.dataset.leaving = "";
  (document.querySelector("#main .page") ?? document.querySelector("#main")).prepend(notice);
  notice.scrollIntoView({ block: "nearest" });
  return notice;
}

if (form) {
  form.addEventListener("submit", (event) => { event.preventDefault(); leave(); });
  if (await kept()) await lock(form.dataset.account).catch(() => {});
}
if (left && await kept()) {
  if ("signedOut" in left.dataset) await lock().catch(() => {});
  const n = await unsent().catch(() => 0);
  left.hidden = !n;
  left.querySelector("[data-n]").textContent = n;
}
document.documentElement.dataset.locked = "yes";
