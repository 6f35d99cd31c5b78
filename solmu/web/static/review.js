"use strict";
// Keys for Review: a key presses the button or follows the link that names it in data-key.
document.addEventListener("keydown", (event) => {
  const writes = event.target.closest("input:not([type=hidden]), textarea, select");
  if (writes || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  if (event.key === "?") {
    const keys = document.getElementById("keys");
    keys.open = !keys.open;
    if (keys.open) keys.scrollIntoView({ block: "nearest" });
    event.preventDefault();
    return;
  }
  const found = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (found) {
    event.preventDefault();
    found.click();
  }
});

// After a decision the next pair is what is looked at, for those who listen too.
const asked = document.getElementById("asked");
const from = document.referrer ? new URL(document.referrer) : null;
if (asked && from && from.origin === location.origin && from.pathname === "/review") asked.focus({ preventScroll: true });
