// What holds the desk together: the address says what is shown, the keyboard reaches all of it.

import { current, go } from "./address.js";
import "./archive.js";
import { Reading } from "./decide.js";
import { Queue } from "./queue.js";
import { introduce, say } from "./say.js";
import { begin, openAdd } from "./submit.js";

const by = (id) => document.getElementById(id);

const queue = new Queue(by("queue"), { stirred: () => reading.reload(), failed: trouble });
const reading = new Reading(by("pane"), { changed: () => queue.look(true), step: (step) => queue.open(step), names: () => queue.names });
begin({ changed: () => queue.look(true), open: (id) => go({ open: id, tab: null }) });

// --- what is shown ----------------------------------------------------------------------------------------------------

async function show() {
  const { open, tab } = current();
  const closed = reading.id && !open;
  await Promise.all([queue.show(), reading.show(open ?? null, tab)]);
  if (closed && document.activeElement === document.body) queue.focus(queue.at); // back to where it was
}

addEventListener("moved", show);

// --- trouble, in words ------------------------------------------------------------------------------------------------

function trouble(error) {
  const line = by("trouble");
  line.hidden = !error;
  if (error && line.textContent !== error.message) line.textContent = error.message;
}

addEventListener("unhandledrejection", (event) => {
  const { reason } = event;
  if (reason?.name !== "AbortError" && reason?.name !== "Trouble") return; // a fault of the page: the console has it
  event.preventDefault();
  if (reason.name === "Trouble") say(reason.message);
});

// --- keys -------------------------------------------------------------------------------------------------------------

const KEYS = "desk.keys";
const single = by("keys");
single.checked = localStorage.getItem(KEYS) !== "off";
single.addEventListener("change", () => localStorage.setItem(KEYS, single.checked ? "on" : "off"));

const tab = (name) => () => current().open && go({ tab: name });
const decide = (state) => () => reading.decide({ state });
const ACTIONS = {
  j: () => queue.step(1),
  k: () => queue.step(-1),
  "/": () => by("q").select(),
  "?": help,
  a: decide("accepted"),
  e: decide("needs_edits"),
  r: decide("rejected"),
  b: decide("new"),
  i: () => reading.assignToMe(),
  w: () => reading.writeNote(),
  u: () => reading.undo(),
  c: () => openAdd(),
  1: tab(null),
  2: tab("similar"),
  3: tab("letter"),
  4: tab("history"),
};

function help() {
  by("help").showModal();
}
by("open-help").addEventListener("click", help);

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || document.querySelector("dialog[open]")) return;
  const typing = event.target.closest?.("input:not([type=checkbox]), textarea, select");
  if (event.key === "Escape" && (typing || !current().open)) return event.target.blur?.();
  if (event.key === "Escape") return leave();
  if (typing || event.altKey) return undefined;
  if (event.ctrlKey || event.metaKey) return event.key === "z" && !event.shiftKey && current().open ? act(event, ACTIONS.u) : undefined;
  if (single.checked && Object.hasOwn(ACTIONS, event.key)) return act(event, ACTIONS[event.key]);
  return undefined;
});

function act(event, action) {
  event.preventDefault();
  action();
}

// Back to the queue, to the row of what was open.
function leave() {
  document.activeElement.blur();
  go({ open: null, tab: null });
}

document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault(); // the part of the address after "#" belongs to the text
  (by("pane").querySelector("h2") ?? by("pane")).focus();
});

introduce();
show();
queue.watch();
