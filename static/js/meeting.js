// The screen of the closing meeting: who is there, the minutes read back, what the agency says, who signs. What it shows is
// on this device; what it keeps is in table.js; signing happens on the full screen of pad.js.

import { card, inFours } from "./hands.js";
import { early, hour, tidy } from "./hours.js";
import { uuid } from "./ids.js";
import * as way from "./meet.js";
import { Pad } from "./pad.js";
import { beside, fill, gathered, lacking, unready } from "./readback.js";
import { clock, say, there } from "./say.js";
import { Table } from "./table.js";
import { differing, digest, lines, told } from "./vouched.js";

const { default: Signature } = await import(`../vendor/signature_pad-5.1.4.min.js${new URL(import.meta.url).search}`); // anew, when this file is
const page = document.body.dataset;
const at = (iso) => (iso ? clock(iso) : "");

let screen = null;

/** Open it over the page; the second time it is the same. */
export async function open(visit, doc) {
  screen ??= new Screen(visit, doc);
  await screen.show();
}

class Screen {
  constructor(visit, doc) {
    this.visit = visit;
    const [dialog, glass] = ["meeting", "pad"].map((name) => document.importNode(doc.querySelector(`dialog.${name}`), true));
    document.body.append(dialog, glass);
    Object.assign(this, { dialog, glass, pad: null, rows: null, live: false });
    this.fields = dialog.querySelector("form");
    this.table = new Table((kept) => this.kept(kept));
    addEventListener("popstate", () => this.back());
    for (const each of [dialog, glass]) each.addEventListener("cancel", (event) => { event.preventDefault(); history.back(); });
    glass.addEventListener("click", ({ target }) => { if (target.closest("[data-back]")) history.back(); });
    dialog.addEventListener("click", ({ target }) => this.act(target.closest("[data-act]")));
    this.fields.addEventListener("submit", (event) => event.preventDefault());
    this.fields.addEventListener("input", (event) => { if (!event.isComposing) this.collect(); });
    this.fields.addEventListener("change", ({ target }) => { tidy(target); this.collect(); this.read(); });
    new MutationObserver(() => this.refresh()).observe(document.body, { attributeFilter: ["data-unsent"] });
    document.addEventListener("news", () => this.news());
  }

  async show() {
    const { activeElement } = document;
    if (activeElement?.matches("input, textarea")) activeElement.blur(); // what was being typed on the page is kept first
    const pad = way.place() === "pad";
    if (!history.state?.meeting) history.pushState({ meeting: "open" }, "");
    way.place("open");
    delete this.dialog.dataset.ready;
    this.fields.inert = true; // nothing is typed over what is not shown yet
    this.dialog.showModal();
    const { told: known, live } = await told();
    Object.assign(this, { rows: known?.rows ?? null, live, team: known?.team ?? [] });
    await this.table.begin(this.rows, live, () => this.fresh());
    this.put();
    this.read();
    await this.signed();
    this.drift();
    this.fields.inert = false;
    this.dialog.dataset.ready = "yes";
    if (this.missed) this.news();
    if (pad && this.table.pad && page.open !== "no") await this.forward();
    else if (history.state.meeting === "pad") history.back();
  }

  /** A meeting that begins now, with the team at the table. */
  fresh() {
    const present = this.team.map(({ name, title, lead }) => ({ name, title: lead ? say("meeting.leads", { title: title ? `${title}, ` : "" }) : title, side: "team" }));
    return { id: uuid(), opened_at: new Date().toISOString(), closed_at: null, place: "", present: [...present, { name: "", title: "", side: "agency" }], read_back: false, opinion: "" };
  }

  back() {
    const where = history.state?.meeting;
    if (this.pad && where !== "pad") {
      this.pad.close();
      this.pad = null;
      this.signed();
    }
    if (!where && this.dialog.open) this.dialog.close();
    way.place(this.dialog.open ? "open" : "");
  }

  act(control) {
    const acts = {
      back: () => history.back(), reload: () => location.reload(), edit: () => this.ask(true), no: () => this.ask(false),
      yes: () => this.again(), add: () => this.person({ side: control.dataset.side }).querySelector("input").focus(),
      drop: () => { control.closest(".person").remove(); this.collect(); this.read(); },
      adopt: () => this.choose("adopt"), insist: () => this.choose("insist"), sign: () => this.begin(control.dataset.role), refuse: () => this.begin("witness", true),
      go: () => this.dialog.querySelector(control.dataset.to).scrollIntoView({ behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "instant" : "smooth" }),
    };
    if (control) acts[control.dataset.act]?.();
  }

  /** On both screens: whether what stands there is on the device; nothing is called saved before it is. */
  kept(whether) {
    for (const place of [this.dialog.querySelector("[data-kept]"), this.glass.querySelector("[data-pad-kept]")]) {
      place.textContent = say(whether === null ? "meeting.saving" : whether ? "state.device" : "state.unsaved");
      place.toggleAttribute("data-unsaved", whether === false);
    }
  }

  // ── The fields ─────────────────────────────────────────────────────────────────────────────────
  put() {
    const { meeting, fixed } = this.table;
    const { place, opened, closed, opinion, read_back: read } = this.fields.elements;
    Object.assign(place, { value: meeting.place ?? "" });
    Object.assign(opened, { value: at(meeting.opened_at) });
    Object.assign(closed, { value: at(meeting.closed_at) });
    Object.assign(opinion, { value: meeting.opinion ?? "" });
    read.checked = meeting.read_back;
    for (const box of this.dialog.querySelectorAll("[data-people]")) box.replaceChildren();
    meeting.present.forEach((one) => this.person(one));
    this.lock(fixed || page.open === "no");
  }

  person({ name = "", title = "", side }) {
    const made = this.dialog.querySelector("template").content.firstElementChild.cloneNode(true);
    const [who, as] = made.querySelectorAll("input");
    Object.assign(who, { value: name });
    Object.assign(as, { value: title ?? "" });
    this.dialog.querySelector(`[data-people=${side}]`).append(made);
    return made;
  }

  lock(shut) {
    for (const part of this.fields.querySelectorAll("fieldset")) part.disabled = shut;
    this.dialog.querySelector("[data-over]").hidden = page.open !== "no";
    this.dialog.querySelector("[data-shut]").hidden = !shut || page.open === "no" || Boolean(this.table.rival);
  }

  collect() {
    if (this.table.fixed) return;
    const { place, opened, closed, opinion, read_back: read } = this.fields.elements;
    const text = (field) => field.value.normalize("NFC").trim();
    const present = ["team", "agency"].flatMap((side) => [...this.dialog.querySelectorAll(`[data-people=${side}] .person`)].map((row) => {
      const [name, title] = [...row.querySelectorAll("input")].map(text);
      return { name, title, side };
    }));
    this.table.change({ place: text(place), opinion: text(opinion), read_back: read.checked, present,
      opened_at: this.moment(opened.value) ?? this.table.meeting.opened_at, closed_at: this.moment(closed.value) });
  }

  /** A time of the day on which the meeting began. */
  moment(time) {
    const { date } = there(this.table.meeting.opened_at), said = hour(time);
    return said ? new Date(`${date}T${said}:00+07:00`).toISOString() : null;
  }

  read() {
    const { meeting } = this.table;
    early(this.fields);
    fill(this.dialog.querySelector("[data-minutes]"), this.visit, { ...meeting, opened: at(meeting.opened_at), closed: at(meeting.closed_at) });
    lacking(this.dialog.querySelector("[data-lacking]"), this.visit);
  }

  /** Somebody else's answers that this page does not show must be read out too. */
  drift() {
    const found = this.live ? differing(this.visit.items, this.rows) : [];
    const box = this.dialog.querySelector("[data-drift]");
    box.hidden = !found.length;
    box.querySelector("p").textContent = say("meeting.drift", { items: found.join(", ") });
  }

  ask(asking) { this.dialog.querySelector("[data-sure]").hidden = !asking; }

  again() {
    this.ask(false);
    return this.choose("reopen");
  }

  /** Which of two meetings it is to be, if there still are two, or the one that is opened again. */
  async choose(which) {
    if (which !== "reopen") await this.news();
    if (which === "reopen" || this.table.rival) await this.table[which]();
    this.put();
    this.read();
    await this.signed();
  }

  /** The page behind has changed: rows were opened, arrived, were taken back. */
  async refresh() {
    if (!this.dialog.open || !this.dialog.dataset.ready) return;
    this.read();
    await this.signed();
    if (!this.table.rival) return void this.pad?.show(await this.what(), await this.over());
    const { pad } = this;
    this.pad = null; // at once: back once, however many hear of it
    pad?.close();
    if (pad) history.back();
  }

  /** Colleagues sent something, and the page shows what it could of it. */
  async news() {
    this.missed = this.dialog.open && !this.dialog.dataset.ready; // it is looked at once all stands there
    if (!this.dialog.open || this.missed) return;
    const { waits } = this.table, { told: known, live } = await told();
    if (known) Object.assign(this, { rows: known.rows, live });
    if (live && this.table.take(known.rows, waits)) this.put();
    this.drift();
    await this.refresh();
  }

  // ── Signatures ─────────────────────────────────────────────────────────────────────────────────
  now() { return digest(this.table.meeting.id, lines(this.visit.items, this.rows)); }

  /** All that a hand vouches for, and the words of the meeting, which nobody has signed before the first hand. */
  async over() {
    const { opened_at, place, present, read_back, opinion } = this.table.meeting;
    return JSON.stringify([await this.now(), opened_at, place, present, read_back, opinion]);
  }

  /** Who has signed, and whether it still vouches for what stands now. */
  async signed() {
    const { hands, fixed, rival } = this.table;
    const now = await this.now();
    beside(this.dialog.querySelector("[data-beside]"), rival, fixed);
    const changed = (hand) => !fixed || hand.meeting !== this.table.meeting.id || hand.digest !== now;
    const stale = (hand) => (rival ? "beside" : changed(hand) && "stale");
    const shown = ["lead", "secretary", "agency", ...(hands.witness && hands.agency?.refused ? ["witness"] : [])]; // of a refusal
    this.dialog.querySelector("[data-hands]").replaceChildren(...shown.map((role) => card(role, hands[role], hands[role] && stale(hands[role]), (hand) => this.table.where(hand))));
    this.dialog.querySelector("[data-stale]").hidden = !shown.some((role) => hands[role] && stale(hands[role]) === "stale");
    this.dialog.querySelector("[data-code]").textContent = say("meeting.code", { code: inFours(now) });
    this.lock(fixed || page.open === "no");
  }

  /** To the full screen, with what was begun there or anew. */
  async begin(role, refused = false) {
    const why = this.table.rival ? say("meeting.choose") : unready(this.visit);
    this.dialog.querySelector("[data-said]").textContent = why;
    if (why) return;
    const { table } = this;
    table.turnTo(role, refused, () => {
      const [name, title] = this.suggested(refused ? "agency" : role);
      return { id: uuid(), role, name: refused ? "" : name, title: refused ? "" : title, refusal: refused ? { name, title, reason: "", said: false } : null, drawn: null };
    });
    await this.forward();
  }

  async forward() {
    if (history.state.meeting !== "pad") history.pushState({ meeting: "pad" }, "");
    way.place("pad");
    await this.write();
  }

  suggested(role) {
    const { present } = this.table.meeting;
    const of = (side) => present.filter((one) => one.side === side && one.name);
    const lead = this.team.find((one) => one.lead)?.name;
    const found = role === "agency" ? of("agency")[0] : role === "lead" ? of("team").find(({ name }) => name === lead) ?? of("team")[0]
      : role === "secretary" ? of("team").find(({ name }) => name !== lead) : null;
    return [found?.name ?? "", found?.title ?? ""];
  }

  /** Exactly what is being signed, in short. */
  async what() {
    const found = gathered(this.visit);
    const faults = found.faults.length ? ` (${found.faults.map(({ id }) => id).join(", ")})` : "";
    return { summary: say("pad.summary", { ...found, n: found.faults.length, faults }), code: say("meeting.code", { code: inFours(await this.now()) }) };
  }

  async write() {
    const [what, over] = [await this.what(), await this.over()];
    if (page.open === "no") return; // another tab writes since a moment ago
    this.pad = new Pad({
      dialog: this.glass, Signature, draft: this.table.pad, what, over,
      keep: (draft) => { this.table.pad = draft; this.table.save(); }, signed: (draft) => this.sign(draft),
    });
  }

  async sign({ id, role, name, title, refusal, drawn }) {
    if (this.signing || this.table.rival) return;
    this.signing = true;
    if (this.pad.show(await this.what(), await this.over())) return void (this.signing = false);
    const common = { digest: await this.now(), reason: "", refused: false, ...drawn };
    await this.table.sign({ ...common, id, role, name, title }, refusal);
    this.put();
    this.read();
    if (history.state?.meeting === "pad") history.back(); // unless somebody was quicker
    this.signing = false;
  }
}
