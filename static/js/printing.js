// Watches a paper being printed, and shows the page anew when it is done or cannot be.

const box = document.querySelector("[data-printing]");
const pause = 1000;

async function look() {
  try {
    const answer = await fetch(box.dataset.printing, { headers: { Accept: "application/json" }, signal: AbortSignal.timeout?.(20 * pause) });
    if (!answer.ok) return location.reload();
    const said = await answer.json();
    if (!["queued", "running"].includes(said.job)) return location.reload();
    box.querySelector("[data-printing-share]").textContent = said.progress;
    box.querySelector(".bar-value").setAttribute("width", said.progress);
  } catch {
    // the network is away: look again later
  }
  setTimeout(look, document.hidden ? 5 * pause : pause);
}

if (box) setTimeout(look, pause);
