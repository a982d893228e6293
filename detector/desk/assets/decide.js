// The open submission: its head with everything that is decided, and the tabs below it.

import { go, withChanges } from "./address.js";
import { api, pause } from "./api.js";
import { make, outward, plural } from "./elements.js";
import { Letter, drawHistory, drawSimilar } from "./panels.js";
import { openReader } from "./read.js";
import { ask, known, say, tabbed, who } from "./say.js";
import { CHANGES, STATES, badge, did, nameOf, sentence, share, when } from "./words.js";

const ACTS = { accepted: "Accept", needs_edits: "Needs edits", rejected: "Reject", new: [make("span.long", "Back to "), "new"] };
const TABS = { text: "Text", similar: "Similar", letter: "Letter", history: "History" };
const LOOK = 0.7; // seconds between looks at a submission that is being read
const OTHER = " "; // no name

export class Reading {
  // changed(): something was decided, so the queue should look. step(by): opens the submission beside this one.
  // names(): whom work is given to.
  constructor(pane, { changed, step, names }) {
    this.pane = pane;
    Object.assign(this, { changed, step, names });
    this.id = undefined; // null: nothing is open
    this.row = null;
    this.turn = 0;
    this.parts = null;
  }

  // --- what is open

  async show(id, tab) {
    const wanted = Object.hasOwn(TABS, tab) ? tab : "text";
    if (id === this.id) {
      if (this.row && wanted !== this.tab) this.turnTo(wanted);
      return;
    }
    this.turn += 1;
    this.id = id;
    this.row = null;
    this.tab = null;
    this.similar = null;
    document.body.classList.toggle("reading", Boolean(id));
    if (!id) {
      this.empty();
      return;
    }
    const mine = this.turn;
    this.pane.setAttribute("aria-busy", "true");
    try {
      const row = await api("GET", this.path());
      if (mine !== this.turn) return;
      this.build();
      this.update(row);
      this.turnTo(wanted);
      this.pane.scrollTop = 0;
      this.parts.title.focus({ preventScroll: true });
    } catch (error) {
      if (mine !== this.turn) return;
      this.lost(error, id, tab);
    } finally {
      if (mine === this.turn) this.pane.removeAttribute("aria-busy");
    }
  }

  empty() {
    document.title = "Desk";
    const key = (name) => make("kbd", name);
    this.pane.replaceChildren(
      make(
        "div.blank",
        make("h2", "Nothing is open"),
        make("p", "Choose a post from the queue, or drop files anywhere, paste a text, add addresses."),
        make("p.quiet", key("j"), " ", key("k"), " move, ", key("Enter"), " opens, ", key("c"), " adds, ", key("?"), " shows all keys"),
      ),
    );
  }

  lost(error, id, tab) {
    this.id = undefined;
    const gone = error.status === 404;
    this.pane.replaceChildren(
      make(
        "div.blank",
        make("h2", "Not here"),
        make("p", gone ? "There is no such submission; perhaps it has been deleted." : error.message),
        gone ? "" : make("p", make("button.plain", { type: "button", click: () => this.show(id, tab) }, "Try again")),
        make("p", make("a", { href: withChanges({ open: null, tab: null }) }, "Back to the queue")),
      ),
    );
  }

  path(rest = "") {
    return `/v1/submissions/${encodeURIComponent(this.id)}${rest}`;
  }

  // Reads the submission again; nothing of the page that has not changed is touched.
  async reload() {
    const mine = this.turn;
    if (!this.id || !this.row) return;
    const row = await api("GET", this.path());
    if (mine === this.turn) this.update(row);
  }

  // --- the head

  build() {
    const tab = (name, label) =>
      make("button", { type: "button", role: "tab", id: `show-${name}`, "aria-controls": `panel-${name}`, "data-tab": name }, label, " ", make("span.count"));
    const panel = (name) => make("div.panel", { role: "tabpanel", id: `panel-${name}`, "aria-labelledby": `show-${name}`, tabindex: "-1" });
    const act = ([state, label]) =>
      make(`button.plain.act.${state}`, { type: "button", "data-state": state, click: () => this.decide({ state }) }, label);
    const arrow = (by, label, sign) => make("button.plain", { type: "button", title: label, "aria-label": label, click: () => this.step(by) }, sign);
    const tabs = make("div.tabs", { role: "tablist", "aria-label": "Views of the submission" }, Object.entries(TABS).map(([name, label]) => tab(name, label)));
    const parts = {
      outcome: make("p.outcome"),
      title: make("h2", { tabindex: "-1" }),
      facts: make("p.facts"),
      assignee: make("select", { "aria-label": "Assigned to", change: (event) => this.assign(event.target.value) }),
      author: make("button.link", { type: "button", click: () => this.rename() }),
      notes: make("ul.notes"),
      form: this.noteForm(),
      clash: make("div.clash", { role: "alert", hidden: true }),
      acts: make("div.acts", { role: "group", "aria-label": "Decision" }, Object.entries(ACTS).map(act)),
      panels: Object.fromEntries(Object.keys(TABS).map((name) => [name, panel(name)])),
      tabs,
    };
    const deck = make("div.deck", tabs, parts.acts);
    this.pane.replaceChildren(
      make(
        "header.head",
        make(
          "div.above",
          make("a.back", { href: withChanges({ open: null, tab: null }) }, "← Queue"),
          parts.outcome,
          make("div.buttons", arrow(-1, "Previous", "‹"), arrow(1, "Next", "›"), this.exports(), this.others()),
        ),
        parts.title,
        make("div.byline", make("span", "by ", parts.author), parts.facts, make("label.assigned", make("span", "Assigned to "), parts.assignee)),
        parts.notes,
        parts.form,
        parts.clash,
      ),
      deck,
      ...Object.values(parts.panels),
    );
    this.parts = parts;
    this.choose = tabbed(tabs, (chosen) => go({ tab: chosen.dataset.tab === "text" ? null : chosen.dataset.tab }));
    this.letter = new Letter(parts.panels.letter, this.path("/letter"), { saved: () => this.stir() });
    new ResizeObserver(() => this.pane.style.setProperty("--deck", `${deck.offsetHeight}px`)).observe(deck);
  }

  exports() {
    const link = (format, label) => make("li", make("a", { href: this.path(`/export?format=${format}`), download: true }, label));
    return make(
      "details.menu",
      make("summary.plain", "Export"),
      make("ul", link("docx", "Word, with comments"), link("html", "Report, HTML"), link("json", "Verdict, JSON")),
    );
  }

  others() {
    return make(
      "details.menu",
      make("summary.plain", "More"),
      make(
        "ul",
        make("li", make("a", { href: this.path("/original"), download: true }, "Original, as it came")),
        make("li", make("button.link", { type: "button", click: () => this.undo() }, "Undo the last change")),
        make("li", make("button.link.danger", { type: "button", click: () => this.remove() }, "Delete…")),
      ),
    );
  }

  update(row) {
    const before = this.row;
    this.row = row;
    const { parts } = this;
    document.title = `${nameOf(row)} · Desk`;
    const waiting = row.stage === "waiting";
    parts.outcome.replaceChildren(
      waiting ? make("span.badge.reading", "being read") : badge(row.outcome ?? "unscored"),
      row.score === null ? "" : share(row.score),
      make(`span.state.${row.state}`, STATES[row.state]),
    );
    if (!before || nameOf(before) !== nameOf(row)) parts.title.replaceChildren(make("bdi", nameOf(row)));
    parts.author.replaceChildren(row.author ? make("bdi", row.author) : "unknown author");
    parts.author.title = "Change the author's name";
    parts.facts.replaceChildren(...this.facts(row));
    this.people();
    for (const button of parts.acts.children) {
      const own = button.dataset.state === row.state;
      button.setAttribute("aria-pressed", own);
      button.hidden = button.dataset.state === "new" && own;
      if (button.dataset.state !== "new") button.textContent = own ? STATES[row.state] : ACTS[button.dataset.state];
    }
    this.drawNotes();
    if (before && this.isOpen("history")) this.drawHistory();
    if (before && before.state !== row.state) this.letter.stale();
    if (waiting) this.wait();
    else if (!before || before.stage === "waiting") this.answered();
  }

  facts(row) {
    const facts = [make("span", "received ", when(row.received))];
    if (row.url) facts.push(outward(row.url));
    else if (row.name && row.name !== nameOf(row)) facts.push(make("bdi", row.name));
    if (row.words !== null) facts.push(plural(row.words, "word"));
    return facts.map((fact) => make("span", fact));
  }

  people() {
    const { assignee } = this.parts;
    if (document.activeElement === assignee && assignee.value === (this.row.assignee ?? "")) return;
    const names = new Set([known(), this.row.assignee, ...this.names()].filter(Boolean));
    assignee.replaceChildren(
      make("option", { value: "" }, "nobody"),
      ...[...names].map((name) => make("option", { value: name }, name === known() ? `${name} (me)` : name)),
      make("option", { value: OTHER }, "somebody else…"),
    );
    assignee.value = this.row.assignee ?? "";
  }

  // --- what is below it

  isOpen(name) {
    return !this.parts.panels[name].hidden;
  }

  turnTo(name) {
    this.tab = name;
    this.choose(this.pane.querySelector(`#show-${name}`));
    if (name === "text") this.openText();
    if (name === "similar") this.openSimilar();
    if (name === "letter" && this.row.stage === "answered") this.letter.open();
    if (name === "history") this.drawHistory();
  }

  // Looks until it has been read.
  async wait() {
    if (this.waiting === this.turn) return;
    this.waiting = this.turn;
    while (this.waiting === this.turn && this.row.stage === "waiting") {
      await pause(LOOK);
      await this.reload().catch(() => {}); // the queue's own looks say what is the matter
    }
  }

  answered() {
    if (this.tab) this.turnTo(this.tab);
    this.countSimilar();
  }

  // The text with its marks, brought up to date where it is shown already.
  async openText() {
    const { row } = this;
    const panel = this.parts.panels.text;
    if (row.stage === "waiting") {
      panel.replaceChildren(make("p.blank", { role: "status" }, row.form === "url" ? "The page is fetched and read…" : "The text is read…"));
      return;
    }
    if (row.error) {
      panel.replaceChildren(make("div.blank", make("p.wrong", "It could not be read: ", sentence(row.error.message)), make("p", "“Original, as it came” under More gives the bytes back.")));
      return;
    }
    await openReader(panel, row.id, { who, api, say, changed: () => this.stir() });
  }

  async countSimilar() {
    const mine = this.turn;
    if (this.row.error) return;
    const found = api("GET", this.path("/similar"));
    this.similar = found;
    const { matches } = await found;
    if (mine !== this.turn) return;
    this.pane.querySelector("#show-similar .count").textContent = matches.length || "";
    if (this.isOpen("similar")) this.openSimilar();
  }

  async openSimilar() {
    const mine = this.turn;
    const panel = this.parts.panels.similar;
    if (!this.similar) {
      panel.replaceChildren(make("p.blank", this.row.error ? "What could not be read cannot be compared." : "It is compared once it has been read."));
      return;
    }
    if (!panel.firstChild) panel.replaceChildren(make("p.blank", "It is compared…"));
    const { matches } = await this.similar;
    if (mine === this.turn) drawSimilar(panel, this.row, matches);
  }

  drawHistory() {
    drawHistory(this.parts.panels.history, this.row, () => this.undo());
  }

  // --- what is done

  async stir() {
    this.changed();
    await this.reload();
  }

  // Changes state, assignee or author. Whoever else changed it meanwhile is not overruled unasked.
  async decide(change) {
    const { row } = this;
    if (!row || this.busy || Object.entries(change).every(([key, value]) => (row[key] ?? "") === value)) return;
    const name = await who();
    this.busy = true;
    try {
      this.parts.clash.hidden = true;
      const changed = await api("PATCH", this.path(), { who: name, ...change, version: row.version });
      if (this.id === row.id) this.update({ ...this.row, ...changed });
      say(told(change), { undo: () => this.undo(row.id) });
    } catch (error) {
      if (error.status !== 409) throw error;
      await this.reload();
      const same = ["state", "assignee", "author"].every((key) => this.row[key] === row[key]);
      this.clash(change, same ? null : this.row.events.findLast((event) => event.kind in change || event.kind === "undo"));
      return;
    } finally {
      this.busy = false;
      this.people();
    }
    await this.stir();
  }

  // Says what somebody else did meanwhile, and lets the editor choose.
  clash(change, event) {
    const { clash } = this.parts;
    const leave = () => {
      clash.hidden = true;
      this.parts.title.focus();
    };
    const insist = () => {
      leave();
      this.decide(change);
    };
    clash.replaceChildren(
      make("p", event ? [make("b", make("bdi", event.who)), " was quicker: ", did(event), ", ", when(event.at), "."] : "Somebody else changed it meanwhile.", ` Yours, “${told(change)}”, has not been kept.`),
      make("p.actions", make("button.plain", { type: "button", click: leave }, "Leave it so"), " ", make("button.plain", { type: "button", click: insist }, "Do it all the same")),
    );
    clash.hidden = false;
  }

  async assign(name) {
    try {
      await this.decide({ assignee: name === OTHER ? await ask("Give it to whom?", { field: "Name", yes: "Assign" }) : name });
    } finally {
      this.parts.assignee.value = this.row.assignee ?? "";
    }
  }

  async assignToMe() {
    if (this.row) await this.decide({ assignee: await who() });
  }

  async rename() {
    await this.decide({ author: await ask("Who wrote it?", { field: "Author", value: this.row.author, optional: true }) });
  }

  // Takes the newest change back; id: only while that submission is still meant.
  async undo(id = this.id) {
    if (!this.row) return;
    const path = `/v1/submissions/${encodeURIComponent(id)}/undo`;
    const event = await api("POST", path, { who: await who() });
    const kind = event.before?.kind;
    say(`Taken back: ${CHANGES[kind] ?? "the last change"}.`);
    this.changed();
    if (id !== this.id) return;
    await this.reload();
    this.letter.stale();
    if (this.isOpen("text")) await this.openText();
  }

  async remove() {
    await ask("Delete it for good?", {
      says: `“${nameOf(this.row)}”: the text, what was found, notes, letter and history are removed from the database. This cannot be undone.`,
      yes: "Delete for good",
      danger: true,
    });
    const name = await who();
    await api("DELETE", this.path(`?${new URLSearchParams({ who: name })}`));
    say("Deleted.");
    this.changed();
    go({ open: null, tab: null }, true);
  }

  // --- notes

  noteForm() {
    const field = make("textarea", { name: "note", rows: "2", maxlength: "10000", "aria-label": "Note" });
    const form = make(
      "form.note-form",
      { hidden: true },
      field,
      make("p.actions", make("button.primary", "Keep the note"), " ", make("button.plain", { type: "button", click: () => this.closeNote() }, "Cancel")),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.keepNote(field.value.trim());
    });
    form.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
      if (event.key === "Escape") this.closeNote();
    });
    return form;
  }

  writeNote() {
    if (!this.row) return;
    this.parts.form.hidden = false;
    this.parts.form.elements.note.focus();
    this.parts.form.scrollIntoView({ block: "nearest" });
  }

  closeNote() {
    this.parts.form.hidden = true;
    this.parts.notes.querySelector("button")?.focus();
  }

  async keepNote(text) {
    if (!text) return this.closeNote();
    await api("POST", this.path("/notes"), { who: await who(), text });
    this.parts.form.reset();
    this.closeNote();
    say("Note kept.", { undo: () => this.undo() });
    return this.stir();
  }

  drawNotes() {
    const line = (name, at, text) => make("li", make("b", make("bdi", name)), ", ", at, ": ", make("bdi.said", text));
    const { note, author, received, events } = this.row;
    const notes = events.filter((event) => event.kind === "note" && !event.undone_at);
    const add = this.parts.notes.querySelector("li.add") ?? make("li.add", make("button.link", { type: "button", click: () => this.writeNote() }, "Add a note"));
    const lines = [note ? line(author || "Sent with it", when(received), note) : [], notes.map((event) => line(event.who, when(event.at), event.after))].flat();
    for (const old of this.parts.notes.querySelectorAll("li:not(.add)")) old.remove();
    this.parts.notes.prepend(...lines);
    if (!add.isConnected) this.parts.notes.append(add);
  }
}

function told({ state, assignee, author }) {
  if (state) return state === "new" ? "Back to new" : STATES[state];
  if (author !== undefined) return author ? `Author: ${author}` : "No author";
  return assignee ? `Given to ${assignee}` : "Assigned to nobody";
}

// One menu at a time, closed by a click elsewhere, a choice or Escape.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target) || event.target.closest("a, button")) menu.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && document.querySelector("details.menu[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
  event.stopImmediatePropagation();
});
