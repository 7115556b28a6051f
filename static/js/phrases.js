// Ready-made sentences: what exactly was not met, why an item does not apply.

import { grow } from "./grow.js";
import { make } from "./make.js";
import { say } from "./say.js";

/** What stands to reason after `value`; `record(item)` keeps the note, `advance(item)` goes on to the next item. */
export function after(item, value, { record, advance }) {
  const put = (title, said) => suggest(item, say(title), said, { record, advance });
  if (value === "khong_ap_dung") put("reason.title", ["reason.1", "reason.2", "reason.3"].map((key) => say(key)));
  else put("fail.title", [sentence(item)]);
}

/** What the page began with, or was given back from the device: why does it not apply? */
export function begin(visit) {
  for (const item of visit.items.values()) if (unexplained(item) && item.open) after(item, item.answer.value, visit);
}

/** Whether it is said not to apply, and not why. */
export const unexplained = ({ answer }) => answer.value === "khong_ap_dung" && !answer.note;

/** Ready-made sentences in place, above the note they go into. */
function suggest(item, title, said, { record, advance }) {
  const chips = said.map((sentence) => {
    const chip = make("button", "phrase", sentence);
    chip.type = "button";
    chip.addEventListener("click", () => {
      item.note.value = [item.note.value.trim(), sentence].filter(Boolean).join("\n");
      grow(item.note);
      chip.remove();
      record(item, { quiet: true });
      const enough = item.answer.value === "khong_ap_dung";
      if (enough || !box.querySelector("button")) box.remove();
      if (enough) advance(item);
    });
    return chip;
  });
  const box = make("div", "phrases", make("p", "", title), ...chips);
  item.box.querySelector(".phrases")?.remove();
  item.box.insertBefore(box, item.box.querySelector(".proof"));
}

/** What the question asks for is not so, or in part. It is quoted as it stands: bent into a sentence it would say things
 *  twice or the other way round, for some questions say «no» themselves, and some are two. Quotes within are others. */
function sentence(item) {
  const text = item.text.trim().replace(/[?.;]+$/, "").replaceAll("«", "\u201c").replaceAll("»", "\u201d");
  return say(item.outcome === "mot_phan" ? "part.text" : "fail.text", { text });
}
