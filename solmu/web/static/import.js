"use strict";
// A list is dropped or chosen, and sent; what is corrected is shown again at once.
const drop = document.getElementById("drop");
if (drop) {
  const told = document.getElementById("told");
  const send = async (file) => {
    // Whoever sends too much may be cut off before the answer comes.
    if (file.size > Number(drop.dataset.largest)) {
      told.textContent = drop.dataset.tooLarge;
      return;
    }
    const body = new FormData();
    body.append("file", file);
    told.textContent = drop.dataset.wait;
    try {
      const said = await solmu.ask(drop.dataset.to, { method: "POST", body });
      location.assign(said.url);
    } catch (error) {
      told.textContent = error.told && error.told.expected ? `${error.message} (${error.told.expected})` : error.message;
    }
  };
  drop.addEventListener("dragover", (event) => { event.preventDefault(); drop.classList.add("over"); });
  drop.addEventListener("dragleave", () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    if (event.dataTransfer.files.length) send(event.dataTransfer.files[0]);
  });
  drop.querySelector("input").addEventListener("change", (event) => {
    if (event.target.files.length) send(event.target.files[0]);
  });
}

// The newest correction counts: an answer to an earlier one is thrown away.
let asked = 0;
document.addEventListener("change", async (event) => {
  const form = event.target.closest("#look");
  if (!form || event.target.name === "send") return;
  const mine = ++asked;
  const focused = event.target.id;
  form.setAttribute("aria-busy", "true");
  try {
    const page = await solmu.ask(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
    if (mine !== asked) return;
    const fresh = new DOMParser().parseFromString(page, "text/html").getElementById("look");
    form.replaceWith(fresh);
    solmu.localise(fresh);
    const again = focused && document.getElementById(focused);
    if (again) again.focus();
  } catch {
    form.requestSubmit(); // the page itself says what is wrong
  }
});
