"use strict";
// Why a value is what it is: shown on hovering, on focus and on a tap; Escape puts it away.
for (const why of document.querySelectorAll(".why")) {
  const button = why.querySelector("button");
  const open = (wanted) => {
    why.classList.toggle("open", wanted);
    button.setAttribute("aria-expanded", String(wanted));
  };
  button.addEventListener("click", () => open(!why.classList.contains("open")));
  button.addEventListener("focus", () => { if (button.matches(":focus-visible")) open(true); });
  why.addEventListener("focusout", (event) => { if (!why.contains(event.relatedTarget)) open(false); });
  why.addEventListener("mouseleave", () => why.classList.remove("shut"));
}
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const why of document.querySelectorAll(".why")) {
    why.classList.remove("open");
    why.classList.add("shut");
    why.querySelector("button").setAttribute("aria-expanded", "false");
  }
});
