// What was said and signed at the closing meeting, as this device knows it: its own draft, rows that wait, what the server
// told. The draft is kept after every change; rows are made of it when somebody signs.

import { uuid } from "./ids.js";
import { draftName, ended, rowOf, unkept } from "./minutes.js";
import { there } from "./say.js";
import { keep, held } from "./sending.js";
import * as store from "./store.js";
import { unlocked } from "./vault.js";

const page = document.body.dataset;
const FIELDS = ["id", "opened_at", "closed_at", "place", "present", "read_back", "opinion"];
const PATIENCE = 3_000;
const AGAIN = 2_000;
const plain = (row) => Object.fromEntries(FIELDS.map((name) => [name, row[name] ?? (name === "present" ? [] : name === "read_back" ? false : null)]));

const nameOf = (pad) => (pad.refusal ? "refusal" : pad.role);

export class Table {
  /** `kept(whether)` hears null when a writing begins, and whether the device has it when the last one has ended. */
  constructor(kept) {
    Object.assign(this, { kept, turn: Promise.resolve(), meeting: null, fixed: false, hands: {}, pad: null, known: new Set(), own: false, aside: {}, rival: null, passed: [] });
  }

  /** Take up what is known; `rows`: the server's, `live` when it has just told them, `fresh()` gives a new meeting. */
  async begin(rows, live, fresh) {
    const here = unlocked(page.user);
    await Promise.race([here, new Promise((done) => setTimeout(done, PATIENCE))]);
    if (await store.drafted(page.user, draftName)) await here; // else a new meeting would be written over one that is only locked
    await this.turn;
    const draft = unkept.draft ?? await store.draft(page.user, draftName);
    const waiting = (await store.waiting(page.inspection, page.user)).rows;
    const meetings = [...rows?.meetings ?? [], ...waiting.filter(({ kind }) => kind === "meetings").map(({ row }) => row)];
    const [sent, own] = [rows?.signatures ?? [], Object.values(draft?.hands ?? {})];
    const hands = [...(live ? [...own, ...sent] : [...sent, ...own]), ...waiting.filter(({ kind }) => kind === "signatures").map(({ row }) => row)];
    const last = meetings.at(-1);
    this.fixed = draft ? draft.fixed : Boolean(last);
    const over = page.open === "no" && !page.second; // handed in
    this.meeting = (over && last ? null : draft?.meeting) ?? (last ? plain(last) : fresh());
    if (meetings.some(({ id }) => id === this.meeting.id)) this.fixed = true; // killed between the row and the draft
    Object.assign(this, { pad: draft?.pad ?? null, aside: draft?.aside ?? {}, passed: draft?.passed ?? [], own: Boolean(draft) });
    this.#beside(last, !live || waiting.some(({ row }) => row.id === this.meeting.id));
    for (const { id } of hands) this.known.add(id);
    for (const hand of hands) this.hands[hand.role] = hand; // the last to arrive counts, as at the server: tablets' clocks differ
    if (this.pad && this.hands[this.pad.role]?.id === this.pad.id) await this.#finish(this.hands[this.pad.role], this.pad.refusal);
  }

  /** Take in what colleagues' tablets have sent since: signatures, and the meeting too as long as none was begun here. `waited`:
   *  whether the meeting of this device was on its way when they were asked for. Returns whether that is another one now. */
  take({ meetings, signatures }, waited) {
    for (const hand of signatures) {
      if (!this.known.has(hand.id)) this.hands[hand.role] = hand;
      this.known.add(hand.id);
    }
    const last = meetings.at(-1);
    this.#beside(last, waited);
    if (this.own || !last || last.id === this.meeting.id) return false;
    Object.assign(this, { meeting: plain(last), fixed: true, rival: null });
    return true;
  }

  /** Whether the server has yet to hear of this meeting: it will be the last one then, and the last one counts. */
  get waits() { return this.fixed && Boolean(held(this.meeting.id)); }

  /** `rival`: another meeting that counts, or would until somebody signs here; none once this one was chosen over it. */
  #beside(last, waited) {
    const counts = !last || last.id === this.meeting.id || (this.fixed ? waited || this.waits : this.passed.includes(last.id));
    this.rival = counts ? null : last;
  }

  /** That one instead of what was begun on this device. */
  adopt() {
    Object.assign(this, { meeting: plain(this.rival), fixed: true, rival: null });
    return this.save();
  }

  /** This one all the same; signed before that one came, it begins anew. */
  insist() {
    if (this.fixed) return this.reopen();
    this.passed.push(this.rival.id);
    this.rival = null;
    return this.save();
  }

  /** Keep all of it on this device; what it does not take is tried `again` and again. */
  save(again = false) {
    clearTimeout(this.timer);
    this.own = true;
    const { meeting, fixed, hands, pad, aside, passed } = this;
    const copy = structuredClone({ meeting, fixed, hands, pad, aside, passed });
    const mine = this.turn = this.turn.catch(() => {}).then(() => store.setDraft(page.user, draftName, copy)).then(() => true, () => false);
    if (!again) this.kept(null);
    mine.then((whether) => {
      if (mine !== this.turn) return;
      unkept.draft = whether ? null : copy;
      if (!whether) this.timer = setTimeout(() => this.save(true), AGAIN);
      if (whether || !again) this.kept(whether);
    });
    return mine;
  }

  change(change) {
    Object.assign(this.meeting, change);
    return this.save();
  }

  /** Open it again: what was signed then belongs to the meeting before. On another day it begins anew. */
  reopen() {
    const before = structuredClone(this.meeting), now = new Date().toISOString();
    const opened_at = there(before.opened_at).date === there(now).date ? before.opened_at : now;
    this.meeting = { ...before, id: uuid(), opened_at, closed_at: null };
    this.passed.push(before.id, ...(this.rival ? [this.rival.id] : []));
    Object.assign(this, { fixed: false, rival: null });
    return this.save();
  }

  /** To the pad of a role, or of a refusal: what was begun there, or `fresh()`; what was begun on another one waits. */
  turnTo(role, refused, fresh) {
    if (this.pad) this.aside[nameOf(this.pad)] = this.pad;
    const { [refused ? "refusal" : role]: begun, ...aside } = this.aside;
    Object.assign(this, { pad: begun ?? fresh(), aside });
    return this.save();
  }

  /** From the first signature on the meeting is a row, sent once as a whole. */
  async #fix() {
    if (this.fixed) return;
    this.meeting = ended(this.meeting);
    this.fixed = true;
    await keep("meetings", rowOf(this.meeting), null);
  }

  /** One hand, and before it whatever it needs: `row` without what the table knows itself; with a witness's hand the `refusal`. */
  async sign(row, refusal) {
    await this.#fix();
    await this.#add({ ...row, meeting: this.meeting.id, signed_at: new Date().toISOString() });
    return this.#finish(this.hands[row.role], refusal);
  }

  async #add(hand) {
    this.hands[hand.role] = hand;
    this.known.add(hand.id);
    await keep("signatures", hand, null);
  }

  /** What follows a hand: the refusal that it witnessed, unless that is here, and an empty pad. Also when the page went in between. */
  async #finish({ meeting, digest, width, height, signed_at: since }, refusal) {
    const { agency } = this.hands;
    if (refusal && !(agency?.refused && agency.meeting === meeting && agency.signed_at >= since)) {
      const { name, title, reason } = refusal;
      await this.#add({ id: uuid(), meeting, role: "agency", name, title, strokes: [], width, height, refused: true, reason, digest, signed_at: new Date().toISOString() });
    }
    this.pad = null;
    return this.save();
  }

  /** Where a signature is: device, sending, refused, server. */
  where(hand) { return held(hand.id)?.state ?? "server"; }
}

addEventListener("beforeunload", (event) => { if (unkept.draft) event.preventDefault(); });
