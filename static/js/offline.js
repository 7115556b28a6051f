// The page in place of one that is not on this device: what can be opened here, or why nothing can.

import { holders } from "./lock.js";
import { make } from "./make.js";
import { pages } from "./pages.js";

async function look() {
  const [user] = await holders().catch(() => []);
  const heads = user ? await pages(user).catch(() => []) : [];
  const forms = heads.filter(({ path }) => path.endsWith("/capture"));
  for (const { path, title } of forms) {
    const link = make("a", "", title ?? path);
    link.href = path;
    document.querySelector("[data-openable]").append(make("li", "", link));
  }
  document.querySelector(`[data-when=${forms.length ? "some" : user ? "none" : "locked"}]`).hidden = false;
}

document.querySelector("[data-again]").addEventListener("click", () => location.reload());
addEventListener("online", () => location.reload());
look();
