// The page's sentences: every word a script says stands in a <template data-say> of the page.

const EAST = 7 * 3_600_000; // of Greenwich, in milliseconds, summer and winter
const words = new Map();
learn(document);

/** Take in the sentences of a page. */
export function learn(page) {
  for (const template of page.querySelectorAll("template[data-say]")) words.set(template.dataset.say, template.content.textContent);
}

/** The sentence named `key`, with {name} filled in from `values`. */
export function say(key, values = {}) {
  return (words.get(key) ?? "").replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

/** Tenths of a per cent in words: 784 → «78,4 %», as rules/wording.py says it. */
export function percentage(tenths) {
  return `${Math.floor(tenths / 10)},${tenths % 10} %`;
}

/** A moment in Hanoi: {date: 2026-11-25, day: 25/11/2026, time: 09:41}. Without Intl, which takes a weak tablet 50 ms to
 *  find its zone. */
export function there(moment) {
  const [date, time] = new Date(+new Date(moment) + EAST).toISOString().split(/T|:\d\d\./);
  return { date, day: date.split("-").reverse().join("/"), time };
}

/** 09:41, on a clock in Hanoi. */
export const clock = (moment = new Date()) => there(moment).time;
