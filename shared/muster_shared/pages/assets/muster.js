// Every page works without this. It fills in parts that other services make, follows work in progress,
// and asks before what cannot be taken back.
"use strict";

async function load(part) {
  try {
    const answer = await fetch(part.dataset.from, { headers: { Accept: "text/html" } });
    if (!answer.ok) throw new Error(answer.status);
    part.innerHTML = await answer.text();
    part.removeAttribute("aria-busy");
    enliven(part);
  } catch {
    part.innerHTML = `<p class="alert" role="status"></p>`;
    part.firstChild.textContent = part.dataset.away || "…";
    part.removeAttribute("aria-busy");
    setTimeout(() => load(part), 30000);
  }
}

// A part with data-poll is fetched again after data-every seconds, until it comes without data-poll.
function follow(part) {
  setTimeout(async () => {
    try {
      const answer = await fetch(part.dataset.poll, { headers: { Accept: "text/html" } });
      if (!answer.ok) throw new Error(answer.status);
      const held = document.createElement("template");
      held.innerHTML = await answer.text();
      const next = held.content.querySelector(`#${CSS.escape(part.id)}`);
      if (!next) return location.reload();
      part.replaceWith(next);
      if (next.dataset.done) location.assign(next.dataset.done);
      else if (next.dataset.poll) follow(next);
    } catch {
      follow(part);
    }
  }, 1000 * (Number(part.dataset.every) || 2));
}

function enliven(root) {
  root.querySelectorAll("[data-from]").forEach(load);
  root.querySelectorAll("[data-poll]").forEach(follow);
  root.querySelectorAll("select[data-submits], input[data-submits]").forEach((field) => {
    field.addEventListener("change", () => field.form.requestSubmit());
  });
  root.querySelectorAll("form[data-ask]").forEach((form) => {
    form.addEventListener("submit", (event) => { if (!confirm(form.dataset.ask)) event.preventDefault(); });
  });
}

document.addEventListener("click", (event) => {
  document.querySelectorAll("details.me[open]").forEach((menu) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") document.querySelectorAll("details.me[open]").forEach((menu) => { menu.open = false; });
});
enliven(document);
// On a narrow screen the navigation is one line that scrolls: begin where the reader is.
const here = document.querySelector(".top nav [aria-current]");
if (here) here.closest("nav").scrollLeft = here.offsetLeft - here.closest("nav").offsetLeft;
