// What stands below the head besides the text: texts like it, the letter to its author, its history.

import { withChanges } from "./address.js";
import { api } from "./api.js";
import { make, outward, plural, sideBySide } from "./elements.js";
import { say, who } from "./say.js";
import { CHANGES, did, nameOf, when } from "./words.js";

// --- texts like it ----------------------------------------------------------------------------------------------------

const HOW = { copied: "word for word", reworded: "reworded" };

export function drawSimilar(panel, row, matches) {
  if (!matches.length) {
    panel.replaceChildren(make("p.blank", "Nothing like it has been submitted before, and nothing like it is in the archive."));
    return;
  }
  const foreign = matches.filter((match) => isForeign(row, match)).length;
  const under = foreign === matches.length ? ", under another name" : `, ${foreign} of them under another name`;
  panel.replaceChildren(
    make("p.quiet", plural(matches.length, "text"), matches.length === 1 ? " shares" : " share", " passages with this one", foreign ? under : "", "."),
    ...matches.map((match, k) => drawMatch(row, match, k === 0)),
  );
}

const isForeign = (row, match) => match.kind === "submission" && match.author !== row.author;

function drawMatch(row, match, open) {
  const archived = match.kind === "archive";
  const name = nameOf(match);
  const percent = Math.round(100 * match.likeness);
  const link = archived ? (match.url ? outward(match.url, name) : make("bdi", name)) : make("a", { href: withChanges({ open: match.id, tab: null }) }, make("bdi", name));
  const whose = archived ? "your archive" : ["submitted by ", make("bdi", match.author || "an unknown author"), " ", when(match.received)];
  const pairs = match.passages.map((passage) => sideBySide(passage.pieces.map((piece) => [piece.left.trim(), piece.right.trim(), piece.same]), ["This text", archived ? "The archive" : "The other text"]));
  return make(
    "article.match",
    make("h3", link),
    make(
      "p.about",
      make("meter", { min: "0", max: "1", value: String(match.likeness), "aria-label": "Share of this text that stands there" }),
      make("b", `${percent < 1 ? "under 1" : percent}\u00a0%`),
      " of this text stands there ",
      make("span.tag", HOW[match.how] ?? match.how),
      " ",
      whose,
      isForeign(row, match) ? make("span.tag.foreign", "another name") : "",
    ),
    make("details", { open }, make("summary", plural(pairs.length, "passage"), " side by side"), pairs),
  );
}

// --- the letter -------------------------------------------------------------------------------------------------------

const unsaved = new Map(); // letters that were begun, by where they belong

addEventListener("beforeunload", (event) => {
  if (unsaved.size) event.preventDefault();
});

export class Letter {
  constructor(panel, path, { saved }) {
    this.panel = panel;
    this.path = path;
    this.saved = saved;
    this.kept = null; // the text as the desk has it; null: not asked for yet
    this.field = make("textarea", { id: "letter", rows: "20", "aria-describedby": "letter-is", input: () => this.edited() });
    this.is = make("p.quiet", { id: "letter-is", role: "status" });
    this.panel.replaceChildren(
      make(
        "div.actions",
        make("label", { for: "letter" }, "To the author"),
        make("button.primary", { type: "button", click: () => this.save() }, "Save"),
        make("button.plain", { type: "button", click: () => this.copy() }, "Copy"),
        make("button.plain.revert", { type: "button", hidden: true, click: () => this.revert() }, "Take my changes back"),
        this.is,
      ),
      this.field,
    );
    this.panel.addEventListener("keydown", (event) => {
      if (event.key !== "s" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      this.save();
    });
  }

  async open() {
    if (this.kept !== null) return;
    this.panel.setAttribute("aria-busy", "true");
    try {
      const { text, draft } = await api("GET", this.path);
      this.kept = text;
      this.draft = draft;
      this.field.value = unsaved.get(this.path) ?? text;
      this.edited();
    } finally {
      this.panel.removeAttribute("aria-busy");
    }
  }

  // What the draft was made from has changed.
  stale() {
    this.kept = null;
    if (!this.panel.hidden) this.open();
  }

  edited() {
    const changed = this.field.value !== this.kept;
    if (changed) unsaved.set(this.path, this.field.value);
    else unsaved.delete(this.path);
    this.panel.querySelector(".revert").hidden = !changed;
    const says = changed ? "Changed, not saved yet." : this.draft ? "A draft from what was found; saving keeps it." : "Saved.";
    if (this.is.textContent !== says) this.is.textContent = says;
  }

  revert() {
    this.field.value = this.kept;
    this.edited();
    this.field.focus();
  }

  async save() {
    const text = this.field.value;
    await api("PUT", this.path, { who: await who(), text });
    this.kept = text;
    this.draft = false;
    this.edited();
    say("Letter saved.");
    await this.saved();
  }

  async copy() {
    try {
      await navigator.clipboard.writeText(this.field.value);
      say("Letter copied.");
    } catch {
      this.field.select();
      say("The letter is selected: copy it with Ctrl+C."); // the browser lets no script do it here
    }
  }
}

// --- history ----------------------------------------------------------------------------------------------------------

export function drawHistory(panel, row, undo) {
  const can = row.events.some((event) => event.kind in CHANGES && !event.undone_at);
  const line = (event) =>
    make(
      event.undone_at ? "li.undone" : "li",
      when(event.at),
      make("span", make("b", make("bdi", event.who)), " ", make(event.undone_at ? "s" : "span", did(event)), event.undone_at ? [" · undone by ", make("bdi", event.undone_by), " ", when(event.undone_at)] : ""),
    );
  const button = panel.querySelector("button") ?? make("button.plain", { type: "button", click: undo }, "Undo the last change");
  button.disabled = !can;
  const list = make("ol.history", row.events.toReversed().map(line));
  if (button.isConnected) panel.querySelector("ol").replaceWith(list);
  else panel.replaceChildren(make("p.actions", button), list);
}
