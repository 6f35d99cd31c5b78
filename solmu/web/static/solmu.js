"use strict";
// Small helps for all pages; each page works without them, if less comfortably.

const solmu = {
  csrf: document.querySelector('meta[name="csrf"]').content,

  // Ask our own server. An answer that is no success is an Error with the server's own words.
  async ask(url, options = {}) {
    const headers = { Accept: "application/json", ...(options.headers || {}) };
    if (options.method && options.method !== "GET") headers["X-CSRF-Token"] = solmu.csrf;
    if (options.json !== undefined) {
      headers["Content-Type"] = "application/json";
      options = { ...options, body: JSON.stringify(options.json) };
    }
    const answer = await fetch(url, { ...options, headers, credentials: "same-origin" });
    const type = answer.headers.get("content-type") || "";
    const said = type.includes("json") ? await answer.json() : await answer.text();
    if (!answer.ok) {
      const error = new Error((said.error && said.error.message) || answer.statusText);
      error.status = answer.status;
      error.told = said.error;
      throw error;
    }
    return said;
  },

  post: (url, json = {}) => solmu.ask(url, { method: "POST", json }),

  // Times in the reader's own zone; UTC on hovering.
  localise(root = document) {
    const shown = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
    for (const time of root.querySelectorAll("time[datetime]:not([title])")) {
      const moment = new Date(time.dateTime);
      if (isNaN(moment)) continue;
      time.title = time.textContent;
      time.textContent = shown.format(moment);
    }
  },

  // Say something to whoever listens rather than looks.
  say(text) {
    let place = document.getElementById("said");
    if (!place) {
      place = document.createElement("p");
      place.id = "said";
      place.className = "hidden";
      place.setAttribute("role", "status");
      document.body.append(place);
    }
    place.textContent = text;
  },

  // How far a piece of work is, until it is over; then its result.
  async follow(section) {
    const steps = section.querySelector(".steps");
    const goOn = (then) => then.startsWith("/") && !then.startsWith("//") ? location.replace(then) : location.reload();
    if (section.dataset.state === "done") return goOn(section.dataset.then);
    for (;;) {
      await new Promise((done) => setTimeout(done, 1000));
      let job;
      try {
        job = await solmu.ask(`/api/jobs/${section.dataset.job}`);
      } catch (error) {
        if (error.status) break;
        continue; // the server is away for a moment
      }
      if (job.state === "done") return goOn(job.then);
      const { state, ahead, said } = section.dataset;
      if (job.state !== state || job.ahead !== Number(ahead) || job.said !== said) break;
      steps.replaceChildren(...Object.entries(job.steps).map(([step, n]) => {
        const pair = document.createElement("div");
        pair.append(document.createElement("dt"), document.createElement("dd"));
        pair.firstChild.textContent = step;
        pair.lastChild.textContent = n.toLocaleString();
        return pair;
      }));
    }
    location.reload();
  },
};
window.solmu = solmu;

document.addEventListener("DOMContentLoaded", () => {
  solmu.localise();
  // On a phone the menu scrolls: where somebody is has to be in view.
  const here = document.querySelector(".menu [aria-current]");
  if (here) {
    const menu = here.closest(".menu");
    menu.scrollLeft = here.offsetLeft - (menu.clientWidth - here.offsetWidth) / 2;
  }
  for (const section of document.querySelectorAll('.job:is([data-state="running"], [data-state="waiting"], [data-state="done"])')) solmu.follow(section);
});

// A form is sent once, however often its button is pressed.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

// `/` goes to the search, unless somebody writes; Escape closes what is open.
document.addEventListener("keydown", (event) => {
  const writes = event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key === "/" && !writes && !event.ctrlKey && !event.metaKey && !event.altKey) {
    const find = document.getElementById("find");
    if (find) { find.focus(); event.preventDefault(); }
  } else if (event.key === "Escape") {
    const open = event.target.closest("details.me[open]");
    if (open) { open.open = false; open.querySelector("summary").focus(); }
  }
});
