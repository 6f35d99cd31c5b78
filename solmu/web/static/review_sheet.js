"use strict";
// A filled-in sheet is sent, and its work followed on the page of the job.
document.getElementById("bring").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  const told = document.getElementById("told");
  const button = form.querySelector("button");
  button.disabled = true;
  told.textContent = "";
  try {
    const said = await solmu.ask(form.dataset.to, { method: "POST", body: new FormData(form) });
    location.assign(said.url);
  } catch (error) {
    told.textContent = error.message;
    button.disabled = false;
  }
});
