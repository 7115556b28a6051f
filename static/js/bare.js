// A note without an answer: the item may stay empty, for it is said why. Its card says that this is no answer. Whether it is
// so just now later.css sees by itself, whoever wrote there: a hand, a colleague, the device.

import { make } from "./make.js";
import { say } from "./say.js";

export function begin(items) {
  for (const { note } of items.values()) if (!note.nextElementSibling) note.after(make("span", "bare", say("note.bare")));
}
