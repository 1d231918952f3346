"use strict";
// What is wider than the window says so, as long as there is more to the right.
for (const region of document.querySelectorAll(".scroll, nav ul")) {
  const hint = document.createElement("p");
  hint.className = "more";
  hint.textContent = "more to the right \u2192";
  hint.setAttribute("aria-hidden", "true");
  region.before(hint);
  const look = () => {
    const hidden = region.scrollWidth - region.clientWidth - region.scrollLeft;
    hint.hidden = hidden < 2;
  };
  region.addEventListener("scroll", look, { passive: true });
  new ResizeObserver(look).observe(region);
  if (region.firstElementChild) new ResizeObserver(look).observe(region.firstElementChild);
  look();
}
