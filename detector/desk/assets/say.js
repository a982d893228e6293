// What the page says and asks: a line that passes, a name, a question before something is gone for good.

import { api } from "./api.js";
import { make, visible } from "./elements.js";

const by = (id) => document.getElementById(id);

// --- dialogs ----------------------------------------------------------------------------------------------------------

for (const dialog of document.querySelectorAll("dialog")) {
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog || event.target.closest("[data-close]")) dialog.close();
  });
}

// A tab list by the keyboard: arrows, Home and End move, and what is chosen is shown. show(tab) does the showing.
export function tabbed(list, show) {
  const tabs = [...list.querySelectorAll('[role="tab"]')];
  const choose = (tab) => {
    for (const one of tabs) {
      one.setAttribute("aria-selected", one === tab);
      one.tabIndex = one === tab ? 0 : -1;
      by(one.getAttribute("aria-controls")).hidden = one !== tab;
    }
  };
  list.addEventListener("click", (event) => {
    const tab = event.target.closest('[role="tab"]');
    if (tab) show(tab);
  });
  list.addEventListener("keydown", (event) => {
    const at = tabs.indexOf(event.target);
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (at < 0 || to === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const tab = tabs.at(to % tabs.length);
    show(tab);
    tab.focus();
  });
  return choose;
}

// --- a line that passes -----------------------------------------------------------------------------------------------

let fading;

// Says it for a while at the foot of the page. undo: what a button "Undo" does.
export function say(message, { undo } = {}) {
  const line = make(
    "div.toast",
    make("span", message),
    undo && make("button.link", { type: "button", click: () => [hush(), undo()] }, "Undo"),
    make("button.plain", { type: "button", "aria-label": "Close", click: hush }, "×"),
  );
  for (const name of ["mouseenter", "focusin"]) line.addEventListener(name, () => clearTimeout(fading));
  for (const name of ["mouseleave", "focusout"]) line.addEventListener(name, fade);
  by("says").replaceChildren(line);
  fade();
}

function fade() {
  clearTimeout(fading);
  fading = setTimeout(hush, 12_000);
}

function hush() {
  clearTimeout(fading);
  by("says").replaceChildren();
}

// --- questions --------------------------------------------------------------------------------------------------------

// Asks in a dialog. Resolves to the words given, or true where no field is asked for; rejects when it is called off.
export function ask(heading, { says = "", field = "", value = "", yes = "Save", optional = false, danger = false }) {
  const dialog = by("ask");
  const [form, input] = [dialog.querySelector("form"), dialog.querySelector("input")];
  const button = dialog.querySelector(".actions button");
  by("ask-h").textContent = visible(heading);
  dialog.querySelector(".says").textContent = visible(says);
  dialog.querySelector(".wrong").textContent = "";
  input.parentElement.hidden = !field;
  input.parentElement.firstElementChild.textContent = field;
  input.value = value;
  input.removeAttribute("aria-invalid");
  button.textContent = yes;
  button.classList.toggle("danger", danger);
  dialog.showModal();
  (field ? input : dialog.querySelector("[data-close]")).focus();
  input.select();
  return new Promise((resolve, reject) => {
    let answer;
    form.onsubmit = (event) => {
      event.preventDefault();
      answer = field ? input.value.trim() : true;
      if (answer || optional) return dialog.close();
      input.setAttribute("aria-invalid", "true");
      dialog.querySelector(".wrong").textContent = `${field}: please fill it in.`;
      return input.focus();
    };
    dialog.onclose = () => {
      if (answer || (optional && answer === "")) resolve(answer);
      else reject(new DOMException("called off", "AbortError"));
    };
  });
}

// --- who decides ------------------------------------------------------------------------------------------------------

const given = document.body.dataset.who; // a token's name
const NAME = "desk.who";

export const known = () => given || localStorage.getItem(NAME) || "";

// The editor's name; asked for once, then kept in this browser.
export async function who() {
  return known() || rename();
}

async function rename() {
  const name = await ask("Who is at the desk?", {
    says: "Your name stands beside what you decide. It is kept in this browser.",
    field: "Your name",
    value: known(),
  });
  localStorage.setItem(NAME, name);
  introduce();
  return name;
}

// The name above the page; a click changes it, or logs out whoever came in with a token.
export function introduce() {
  by("me").replaceChildren(make("span.sr", known() ? "You are " : ""), make("bdi", known() || "Your name…"));
  by("me").title = given ? "Log out" : "Change your name";
}

async function leave() {
  await ask("Log out?", { says: `You came in with the token of ${given}.`, yes: "Log out" });
  await api("POST", "/logout");
  location.assign("/login");
}

by("me").addEventListener("click", given ? leave : rename);
