// The page's sentences: every word a script says stands in a <template data-say> of the page.

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

/** 09:41, on a clock in Hanoi. */
export function clock(moment = new Date()) {
  return moment.toLocaleTimeString("vi-VN", { hour: "2-digit", minute: "2-digit", timeZone: "Asia/Ho_Chi_Minh" });
}
