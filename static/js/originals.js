// When the untouched originals may be sent: at once, or only over Wi-Fi. Where the browser does not tell which line it is
// on, the second means when the person says so.

import { make } from "./make.js";
import { say } from "./say.js";
import { sender } from "./sending.js";
import { retry } from "./sent.js";
import { changed, mayGo } from "./wifi.js";

let pressed = false; // holds until nothing waits any more

/** Begin: the outbox asks here, and is told when the line has changed. */
export function begin() {
  sender().originalsMaySend = maySend;
  changed(() => { if (sender().resting) retry(); });
}

/** Whether `n` originals that wait may go now. */
async function maySend(n) {
  if (!n) pressed = false;
  return pressed || mayGo();
}

/** What waits for Wi-Fi, and a button that sends it now; nothing when nothing waits. Its words come with part "room". */
export function waiting() {
  const n = sender().resting;
  if (!n) return [];
  const send = make("button", "button button-secondary", say("originals.send"));
  send.type = "button";
  send.addEventListener("click", () => {
    pressed = true;
    send.disabled = true;
    retry();
  });
  return [make("p", "", say("originals.waiting", { n })), make("div", "row", send)];
}
