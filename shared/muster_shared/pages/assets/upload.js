// The upload without a script is a plain form. With it a file may be dropped anywhere on the page, one that is too
// large is not sent at all, and a slow line shows how far the file is.
"use strict";

for (const form of document.querySelectorAll("form[data-upload]")) {
  const field = form.querySelector("input[type=file]");
  const place = form.querySelector("[data-drop]");
  const status = form.querySelector("[data-progress]");

  const tell = (text, kind) => {
    const told = document.createElement("p");
    told.className = kind ? `alert ${kind}` : "";
    told.textContent = text;
    status.replaceChildren(told);
  };
  const over = (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    place.classList.toggle("over", event.type === "dragover");
  };
  for (const name of ["dragover", "dragleave"]) document.addEventListener(name, over);
  document.addEventListener("drop", (event) => {
    over(event);
    if (event.dataTransfer?.files.length) field.files = event.dataTransfer.files;
    field.dispatchEvent(new Event("change"));
  });
  field.addEventListener("change", () => {
    const size = field.files[0]?.size || 0;
    const tooLarge = size > form.dataset.mostMb * 1024 * 1024;
    field.setCustomValidity(tooLarge ? form.dataset.tooLarge : "");
    if (tooLarge) tell(form.dataset.tooLarge, "bad");
    else status.replaceChildren();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(form, new FormData(form, event.submitter), status, tell);
  });
}

function send(form, content, status, tell) {
  const buttons = form.querySelectorAll("button");
  const bar = document.createElement("progress");
  const request = new XMLHttpRequest();
  const enable = (on) => buttons.forEach((button) => { button.disabled = !on; });
  const fail = (text) => tell(text, "bad");
  bar.setAttribute("aria-label", form.querySelector("label").textContent);
  bar.max = 1;
  request.upload.addEventListener("progress", (event) => {
    if (event.lengthComputable) bar.value = event.loaded / event.total;
  });
  request.upload.addEventListener("load", () => {
    tell(form.dataset.working);
    bar.removeAttribute("value");
    status.append(bar);
  });
  request.addEventListener("load", () => {
    let answer = {};
    try { answer = JSON.parse(request.responseText); } catch { /* told below */ }
    enable(true);
    if (request.status < 400 && answer.location) location.assign(answer.location);
    else fail(answer.detail || form.dataset.away);
  });
  request.addEventListener("error", () => { enable(true); fail(form.dataset.away); });
  request.open("POST", form.action);
  request.setRequestHeader("Accept", "application/json");
  enable(false);
  status.replaceChildren(bar);
  request.send(content);
}
