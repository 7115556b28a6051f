// How grave a fault is: three words below the answer. Hidden while the answer is no fault (later.css), never taken away.

import { part } from "./parts.js";

/** Offer the words at an item that found a fault. */
export async function show(item) {
  if (!item.faulty || !(item.open || item.answer.severity) || item.box.querySelector(".severity")) return;
  const words = document.importNode((await part("rest")).querySelector("template[data-severity]").content, true);
  if (item.box.querySelector(".severity")) return; // meanwhile
  item.box.querySelector(".both, .phrases, .proof").before(words);
  for (const radio of item.box.querySelectorAll("[name=severity]")) radio.checked = radio.value === item.answer.severity;
}

/** What the page began with, or was given back from the device. */
export const begin = (items) => Promise.all([...items.values()].map(show));
