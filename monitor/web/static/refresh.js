// Fetches this page again every few seconds and puts its main part in place; without JavaScript a meta refresh does it.
"use strict";

const main = document.getElementById("main");
const told = document.getElementById("fresh");
const every = Number(main.dataset.refreshS) * 1000;
let last = new Date();

async function renew() {
  const answer = await fetch(location.href, { headers: { accept: "text/html" }, cache: "no-store" });
  if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  replaceKeepingFocus(fresh.getElementById("main"));
  document.title = fresh.title;
}

// A link that has the focus keeps it, by its address; whoever reads or selects is not thrown back to the top.
function replaceKeepingFocus(fresh) {
  const focused = main.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
  main.replaceChildren(...fresh.childNodes);
  if (focused) main.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
}

function isBeingRead() {
  return document.hidden || !document.getSelection().isCollapsed;
}

function tell(words, isStale) {
  told.textContent = words;
  told.className = isStale ? "stale" : "";
}

async function tick() {
  if (isBeingRead()) return;
  try {
    await renew();
    last = new Date();
    tell(`Renews itself every ${every / 1000} s.`, false);
  } catch (fault) {
    tell(`Not renewed since ${last.toLocaleTimeString()}: ${fault.message}. What is shown grows old.`, true);
  }
}

// One after another, so that a slow answer is not asked for twice.
function wait() {
  setTimeout(() => tick().finally(wait), every);
}

document.addEventListener("visibilitychange", tick);
wait();
