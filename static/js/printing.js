// Watches a paper being printed, and shows the page anew when it is done or cannot be.

const box = document.querySelector("[data-printing]");
const pause = 1000;

function signedOut() {
  box.querySelector("[data-printing-watched]").hidden = true;
  box.querySelector("[data-printing-signed-out]").hidden = false;
}

async function look() {
  try {
    const answer = await fetch(box.dataset.printing, { headers: { Accept: "application/json" }, redirect: "manual", signal: AbortSignal.timeout?.(20 * pause) });
    if (answer.type === "opaqueredirect") return signedOut(); // to the page where one signs in
    if (answer.status >= 500) throw new Error("busy"); // it passes: no page of a problem in place of this one
    if (!answer.ok) return location.reload();
    const said = await answer.json();
    if (!["queued", "running"].includes(said.job)) return location.reload();
    const state = box.querySelector("[data-printing-state]");
    if (said.job === "running") state.textContent = state.dataset.running;
    box.querySelector("[data-printing-share]").textContent = said.progress;
    box.querySelector(".bar-value").setAttribute("width", said.progress);
  } catch {
    // the network or the server is away: look again later
  }
  setTimeout(look, document.hidden ? 5 * pause : pause);
}

if (box) setTimeout(look, pause);
