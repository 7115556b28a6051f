// Where one is, is seen in a rail or in tabs that lie on a narrow screen, where style sheets cannot say so: see
// scroll-initial-target.

if (!CSS.supports("scroll-initial-target", "nearest")) {
  for (const here of document.querySelectorAll(":is(.rail, .tabs) [aria-current]")) {
    const row = here.closest(".rail, .tabs");
    const [frame, link] = [row, here].map((box) => box.getBoundingClientRect());
    row.scrollLeft += Math.max(0, link.right - frame.right) || Math.min(0, link.left - frame.left);
  }
}
