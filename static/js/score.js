// The score, exactly as rules/scoring.py says it: fractions are BigInt pairs [n, d] until they are shown.

const WORTH = new Map([["dat", [1n, 1n]], ["mot_phan", [1n, 2n]], ["khong_dat", [0n, 1n]]]);
const NONE = "khong_ap_dung", NOTED = "ghi_nhan";
const limited = (item) => (item.at_least ?? item.at_most ?? null) !== null;

const counts = (item) => item.scored ?? (item.weight > 0 && item.basis !== "KN" &&
  (item.kind === "number" ? limited(item) : item.kind !== "choice"));

/** Between 0 and 1, or null. */
function value(item, answer) {
  if (!answer || answer.value === NONE) return null;
  if (item.kind === "a3" || (item.kind === "a2" && answer.value !== "mot_phan")) return WORTH.get(answer.value) ?? null;
  const { number = null, of } = answer;
  if (number === null) return null;
  if (item.kind === "number" && limited(item)) {
    const passes = number >= (item.at_least ?? -Infinity) && number <= (item.at_most ?? Infinity);
    return WORTH.get(passes ? "dat" : "khong_dat");
  }
  if (item.kind !== "ratio" || !Number.isInteger(number) || !(of > 0 && number >= 0 && number <= of)) return null;
  return [BigInt(item.fewer_is_better ? of - number : number), BigInt(of)];
}

/** A value, ghi_nhan (recorded only) or null. */
export function outcome(item, answer) {
  if (answer?.value === NONE) return NONE;
  const v = value(item, answer);
  if (v) return v[0] === v[1] ? "dat" : v[0] ? "mot_phan" : "khong_dat";
  if (item.kind === "choice") return answer?.choices?.length ? NOTED : null;
  return item.kind === "number" && (answer?.number ?? null) !== null ? NOTED : null;
}

/** Whether this answer needs a photo. */
export function needsPhoto(item, answer) {
  const found = outcome(item, answer);
  if (!found || found === NONE) return false;
  return item.photo === "required" || (item.photo === "on_fail" && found === "khong_dat");
}

const gcd = (a, b) => (b ? gcd(b, a % b) : a);
const reduced = (n, d) => { const g = gcd(n, d) || 1n; return [n / g, d / g]; };

/** Weighted mean of [weight, share], times `scale`. */
function mean(pairs, scale = 1n) {
  if (!pairs.length) return null;
  const [n, d] = pairs.reduce(([n, d], [w, [a, b]]) => reduced(n * b + BigInt(w) * a * d, d * b), [0n, 1n]);
  return reduced(scale * n, d * BigInt(pairs.reduce((sum, [w]) => sum + w, 0)));
}

/** percent (null below the minimum coverage) and coverage from 0 to 100. */
export function score(sections, answers, { method, minimum_coverage }) {
  const all = { answered: 0, applicable: 0, not_applicable: 0 }, pairs = [], weighed = [], critical_failed = [];
  const shown = (pairs, t) => (100 * t.answered >= minimum_coverage * t.applicable ? mean(pairs, 100n) : null);
  const covered = (t) => (t.applicable ? reduced(100n * BigInt(t.answered), BigInt(t.applicable)) : [0n, 1n]);
  const told = sections.map((section) => {
    const t = { answered: 0, applicable: 0 }, own = [];
    for (const item of section.items) {
      const answer = answers[item.id], v = value(item, answer);
      if (item.critical && v && (item.kind[0] === "a" ? !v[0] : v[0] < v[1])) critical_failed.push(item.id);
      if (!counts(item)) continue;
      if (answer?.value === NONE) all.not_applicable++;
      else {
        t.applicable++;
        if (v) own.push([item.weight, v]);
      }
    }
    t.answered = own.length;
    all.answered += t.answered;
    all.applicable += t.applicable;
    pairs.push(...own);
    if (own.length) weighed.push([section.weight, mean(own)]);
    return { id: section.id, percent: shown(own, t), coverage: covered(t), ...t };
  });
  const percent = shown(method === "items" ? pairs : weighed, all), unanswered = all.applicable - all.answered;
  return { percent, coverage: covered(all), ...all, unanswered, sections: told, critical_failed };
}

/** Tenths of a per cent, halves up; rounding makes it neither 100 nor 0. */
export function tenths([n, d]) {
  const found = Number((20n * n + d) / (2n * d));
  return n > 0 && n < 100n * d ? Math.min(Math.max(found, 1), 999) : found;
}
