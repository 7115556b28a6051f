// The way from the top bar's words to the sync log; without a network before its file has come, the words alone.

import { make } from "./make.js";
import { screen } from "./reach.js";
import { say } from "./say.js";
import { unsent } from "./sending.js";
import { retry } from "./sent.js";
import { button, show } from "./sheet.js";

/** Open the log, or say how much waits. */
export const explain = () => screen("log", "", () => {
  const n = unsent().length;
  show(say("sync.title"), [make("p", "", n ? say("sync.waiting", { n }) : say("sync.none")), button("button-primary", say("sync.again"), retry)]);
});
