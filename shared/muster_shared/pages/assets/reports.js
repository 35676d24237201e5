// A figure that is a link tells where it comes from beside the table, instead of on a page of its own.
"use strict";

(() => {
  const aside = document.getElementById("explanation");
  const figures = document.querySelector(".figures");
  if (!aside || !figures) return;
  let asked = null;

  function close() {
    aside.hidden = true;
    asked?.removeAttribute("aria-current");
    asked?.focus();
    asked = null;
  }

  function said(text) {
    const line = document.createElement("p");
    line.setAttribute("role", "status");
    line.textContent = text;
    aside.replaceChildren(line);
  }

  async function open(figure) {
    asked?.removeAttribute("aria-current");
    asked = figure;
    figure.setAttribute("aria-current", "true");
    aside.hidden = false;
    said(aside.dataset.waiting);
    try {
      const answer = await fetch(`${figure.href}&beside=1`, { headers: { Accept: "text/html" } });
      if (!answer.ok) throw new Error(answer.status);
      const told = await answer.text();
      if (asked !== figure) return;
      aside.innerHTML = told;
    } catch {
      if (asked === figure) said(aside.dataset.away);
    }
    aside.focus({ preventScroll: true });
  }

  figures.addEventListener("click", (event) => {
    const figure = event.target.closest('td a[href^="explain?"], th a[href^="explain?"]');
    if (!figure || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    open(figure);
  });
  aside.addEventListener("click", (event) => { if (event.target.closest("[data-closes]")) close(); });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape" && !aside.hidden) close(); });
})();
