// Where one is, is seen in a rail that lies on a narrow screen, where style sheets cannot say so: see scroll-initial-target.

const rail = document.querySelector(".rail");
const here = rail?.querySelector("[aria-current]");

if (here && !CSS.supports("scroll-initial-target", "nearest")) {
  const [frame, link] = [rail, here].map((box) => box.getBoundingClientRect());
  rail.scrollLeft += Math.max(0, link.right - frame.right) || Math.min(0, link.left - frame.left);
}
