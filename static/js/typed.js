// What somebody has begun to type into a form of the office or of an agency outlives a session that ended, a page that had
// grown too old, a server that was busy, a link tapped by mistake. It stands in this tab alone and goes when the form has
// been taken, when its owner signs out here, or when somebody else is signed in. Passwords and files are never kept.
// And no form is sent twice by two clicks.

const NAME = "typed";
const OWN = ":is(textarea, select, input:not([type=hidden], [type=password], [type=file], [type=submit]))";
const SEEN = "input[type=hidden]:is([name=seen], [name=verdict])"; // what it was typed over: others may save meanwhile
const LONGEST = 30_000; // milliseconds
const user = document.querySelector("form[data-account]")?.dataset.account;

const read = () => JSON.parse(sessionStorage.getItem(NAME) ?? "null") ?? { user, forms: {} };
const write = (kept) => sessionStorage.setItem(NAME, JSON.stringify(kept));

const goesTo = (form) => new URL(form.getAttribute("action"), location).pathname;

/** The forms of this page that say something, by what they are about: what they say of it themselves where it outlives
 *  their address (data-about), else where they go and what they carry unseen. */
function forms() {
  const all = [...document.querySelectorAll("main form[method=post]")].filter((form) => form.querySelector(OWN));
  return new Map(all.map((form) => [form.dataset.about ?? address(form), form]));
}

function address(form) {
  const unseen = [...form.querySelectorAll(`input[type=hidden]:not([name=csrf_token], [name=row], ${SEEN})`)].map(({ name, value }) => `${name}=${value}`);
  return [goesTo(form), ...unseen].join(" ");
}

const ticked = (field) => field.type === "radio" || field.type === "checkbox";
const said = (field) => (ticked(field) ? field.checked : field.value);
const asItCame = (field) => {
  if (ticked(field)) return field.defaultChecked;
  return field.localName === "select" ? ([...field.options].find((option) => option.defaultSelected) ?? field.options[0])?.value : field.defaultValue;
};

/** The fields of a form by their name and what tells those of one name apart: what a tick stands for, or the place. */
function fields(form) {
  const all = [...form.querySelectorAll(OWN)].filter((field) => field.name);
  const place = (field) => all.filter(({ name }) => name === field.name).indexOf(field);
  return new Map(all.map((field) => [`${field.name} ${ticked(field) ? field.value : place(field)}`, field]));
}

/** What somebody changed: [which field, what stands there]. A form that was refused came with what they had changed `before`. */
function changes(form, before) {
  const known = new Set(before.map(([which]) => which));
  return [...fields(form)].filter(([which, field]) => known.has(which) || said(field) !== asItCame(field)).map(([which, field]) => [which, said(field)]);
}

function keep(name, form, refused = false) {
  const kept = read();
  const now = changes(form, (refused && kept.forms[name]) || []);
  if (now.length) kept.forms[name] = [...now, ...over(form).map((field) => [`=${field.name}`, field.value])];
  else delete kept.forms[name];
  write(kept);
}

const over = (form) => [...form.querySelectorAll(SEEN)];

/** Put back what was typed, over what it was typed over: the first field of it; none where it stands there already, or the
 *  form has changed. */
function restore(form, kept) {
  const here = fields(form);
  const back = kept.filter(([which, value]) => here.has(which) && said(here.get(which)) !== value);
  for (const [which, value] of back) {
    const field = here.get(which);
    field[ticked(field) ? "checked" : "value"] = value;
    for (const kind of ["input", "change"]) field.dispatchEvent(new Event(kind, { bubbles: true }));
    field.closest("details")?.setAttribute("open", "");
  }
  if (back.length) for (const field of over(form)) field.value = new Map(kept).get(`=${field.name}`) ?? field.value;
  return back.length ? here.get(back[0][0]) : undefined;
}

function tell(name, form, fresh, first) {
  const notice = document.importNode(document.querySelector("template[data-typed]").content.firstElementChild, true);
  notice.querySelector("button").addEventListener("click", () => {
    form.reset();
    for (const [field, value] of fresh) field.value = value;
    keep(name, form);
    notice.remove();
    above?.remove();
  });
  form.prepend(notice);
  const above = notice.getBoundingClientRect().top + scrollY > innerHeight ? lead(form, first) : undefined;
}

/** What came back below the first screen is told at the top as well, with a link to its first field, called as the heading
 *  above it. Returns its line. */
function lead(form, field) {
  const line = document.importNode(document.querySelector("template[data-typed-below]").content.firstElementChild, true);
  const link = line.querySelector("a");
  let place = form;
  while (!place.querySelector("h1, h2, h3")) place = place.parentElement;
  link.textContent = place.querySelector("h1, h2, h3").textContent;
  field.id ||= `typed-${field.name}`;
  link.href = `#${field.id}`;
  link.addEventListener("click", () => setTimeout(() => field.focus()));
  (document.querySelector("#main .page") ?? document.querySelector("#main")).prepend(line);
  return line;
}

/** Whether the form sent last has been taken: this page follows it, or the page that offered to send it again (whose other
 *  links do not say where they come from), and tells of no error. */
function taken({ path, page }) {
  const [{ type } = {}] = performance.getEntriesByType("navigation");
  const from = document.referrer && new URL(document.referrer).pathname;
  return !document.querySelector(".error-summary, [aria-invalid=true]") && type === "navigate" && (from === page || from === path);
}

function start() {
  const { user: owner, forms: all, sent } = read();
  const kept = owner === user ? all : {};
  if (sent && taken(sent)) delete kept[sent.form];
  for (const [name, form] of forms()) {
    const before = address(form); // as earlier versions called it
    if (before === name || !kept[before]) continue;
    kept[name] ??= kept[before];
    delete kept[before];
  }
  write({ user, forms: kept });
  const refused = document.querySelector(".error-summary") && sent?.form; // it carries what was sent
  for (const [name, form] of forms()) {
    const fresh = over(form).map((field) => [field, field.value]);
    const first = kept[name] && name !== refused && restore(form, kept[name]);
    if (first) tell(name, form, fresh, first);
    for (const kind of ["input", "change"]) form.addEventListener(kind, () => keep(name, form, name === refused));
    form.addEventListener("submit", () => {
      keep(name, form, name === refused);
      write({ ...read(), sent: { form: name, path: goesTo(form), page: location.pathname } });
    });
  }
}

/** A form on its way is not sent again by a second click; whoever stopped it, or comes back, may send it anew. */
function once() {
  const going = new Set();
  addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post") return;
    if (going.has(form)) event.preventDefault();
    going.add(form);
    setTimeout(() => going.delete(form), LONGEST);
  });
  addEventListener("pageshow", () => going.clear());
}

once();
if (user && !document.querySelector(".problem")) {
  try { start(); } catch { /* a browser that keeps nothing for pages */ }
}
