// The text of a submission as it is read: ways between account, places and notes, and what an editor says of them.
// The server draws everything; after each judgement it is asked again, and only what has changed is exchanged.

import { make, plural } from "./elements.js";
import { when } from "./words.js";

const readers = new WeakMap(); // by pane

// Shows a submission in the pane. The same one again: brings it up to date, and what is looked at stays where it is.
export async function openReader(pane, id, desk) {
  const before = readers.get(pane);
  if (before?.id === id && before.root.isConnected) return before.refresh();
  const mine = {};
  readers.set(pane, mine);
  const page = await fetchPage(desk, id);
  if (readers.get(pane) !== mine) return undefined; // another one has been asked for meanwhile
  before?.ending?.abort();
  readers.set(pane, new Reader(pane, id, desk, page));
  return undefined;
}

async function fetchPage(desk, id) {
  const html = await desk.api("GET", `/submissions/${encodeURIComponent(id)}/read`);
  return new DOMParser().parseFromString(html, "text/html").body.firstElementChild;
}

class Reader {
  constructor(pane, id, desk, root) {
    this.id = id;
    this.desk = desk;
    this.root = root;
    this.at = null; // id of the mark that was gone to last, by itself or its note
    this.here = null; // id of what was gone to last
    this.parts = new Map(this.all("[data-part]").map((part) => [part.dataset.part, part.outerHTML]));
    this.dialog = root.querySelector("dialog.miss");
    this.float = root.querySelector(".float");
    dates(root);
    pane.replaceChildren(root);
    this.listen();
    this.arrive();
  }

  all(selector, within = this.root) {
    return [...within.querySelectorAll(selector)];
  }

  one(attribute, value) {
    return this.root.querySelector(`[${attribute}="${CSS.escape(value)}"]`);
  }

  listen() {
    this.ending = new AbortController();
    const { signal } = this.ending;
    const { root, dialog } = this;
    const open = (act) => (event) => (root.isConnected ? act(event) : this.ending.abort());
    root.addEventListener("click", (event) => this.click(event));
    root.addEventListener("change", (event) => {
      const { filter } = event.target.dataset;
      if (filter) this.show(filter, event.target.checked);
      if (event.target.name === "signal") this.explain();
    });
    root.addEventListener("mouseover", (event) => this.light(event, true));
    root.addEventListener("mouseout", (event) => this.light(event, false));
    dialog.querySelector("form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.guarded(event.submitter, () => this.miss());
    });
    this.float.addEventListener("mousedown", (event) => event.preventDefault()); // the selection stays
    // before the desk's own keys, some of which mean something else where no text is open
    document.addEventListener("keydown", open((event) => this.key(event)), { signal, capture: true });
    document.addEventListener("selectionchange", open(() => this.offer()), { signal });
    addEventListener("hashchange", open(() => this.arrive()), { signal });
  }

  // --- marks of a signal on and off

  show(signal, on) {
    for (const element of this.all(`[data-signal="${CSS.escape(signal)}"]`)) element.classList.toggle("off", !on);
    const box = this.one("data-filter", signal);
    if (box) box.checked = on;
  }

  // Opens what hides the element: marks that are off, folded text.
  reveal(element) {
    if (element.matches(".off[data-signal]")) this.show(element.dataset.signal, true);
    for (let box = element.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
  }

  // --- from the account to a place, to its note, and back

  click(event) {
    const on = (selector) => event.target.closest(selector);
    const link = on('a[href^="#"]');
    if (link) {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      this.visit(link.getAttribute("href").slice(1));
      return;
    }
    const button = on("button");
    if (button) {
      const { fine, all, undo, step, miss, close } = button.dataset;
      if (fine) this.guarded(button, () => this.fine([button]));
      else if (all) this.guarded(button, () => this.fine(this.unjudged(all)));
      else if (undo) this.guarded(button, () => this.undo([Number(undo)], button.closest("[data-part]").dataset.part));
      else if (step) this.step(Number(step));
      else if (miss !== undefined) this.ask();
      else if (close !== undefined) this.dialog.close();
      return;
    }
    const mark = on("mark:not(.off)");
    if (mark && !String(getSelection())) this.visit(mark.dataset.note);
  }

  // Goes to a part of the text by its id; the way back in the browser leads back.
  visit(id) {
    if (location.hash === `#${id}`) this.arrive();
    else location.hash = id;
  }

  arrive() {
    const element = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!element || !this.root.contains(element)) return;
    this.go(element);
  }

  go(element) {
    this.reveal(element);
    this.here = element.id;
    this.point();
    if (element.matches("mark")) this.at = element.id;
    else if (element.matches(".note")) this.at = element.querySelector("a.ref").getAttribute("href").slice(1);
    const { top, bottom } = element.getBoundingClientRect();
    const { top: upper, bottom: lower } = this.scroller.getBoundingClientRect();
    const seen = top >= Math.max(upper, 0) + 120 && bottom <= Math.min(lower, innerHeight) - 20;
    if (!seen) element.scrollIntoView({ block: bottom - top > innerHeight / 2 ? "start" : "center" });
    (element.matches("mark") ? this.number(element) : element).focus({ preventScroll: true });
  }

  // Marks where the reader is.
  point() {
    for (const element of this.all(".here")) element.classList.remove("here");
    document.getElementById(this.here ?? "")?.classList.add("here");
  }

  // What scrolls the text.
  get scroller() {
    for (let box = this.root.parentElement; box; box = box.parentElement) {
      if (/auto|scroll/.test(getComputedStyle(box).overflowY) && box !== document.body) return box;
    }
    return document.documentElement;
  }

  // The number behind a mark, which leads to its note.
  number(mark) {
    const after = (link) => mark.compareDocumentPosition(link) & Node.DOCUMENT_POSITION_FOLLOWING;
    return this.all(`.words a.ref[href="#${mark.dataset.note}"]`).find(after) ?? mark;
  }

  // A note and its places light up together.
  light(event, on) {
    const element = event.target.closest("mark:not(.off), .note");
    if (!element) return;
    const note = CSS.escape(element.dataset.note || element.id);
    for (const one of this.all(`mark[data-note="${note}"], #${note}`)) one.classList.toggle("lit", on);
  }

  // --- one finding after the other

  step(by) {
    const marks = this.all(".words mark[id]:not(.off, .fine)");
    const status = this.root.querySelector(".at");
    if (!marks.length) {
      status.textContent = "nothing is marked";
      return;
    }
    const last = this.root.querySelector(`#${CSS.escape(this.at ?? "-")}`) ?? this.root.querySelector(".rows");
    const follows = (mark) => last.compareDocumentPosition(mark) & Node.DOCUMENT_POSITION_FOLLOWING && mark !== last;
    const next = marks.findIndex(follows);
    const here = marks.indexOf(last);
    const from = here >= 0 ? here + by : by > 0 ? next : (next < 0 ? marks.length : next) - 1;
    const k = ((from < 0 && here < 0 && by > 0 ? 0 : from) + marks.length) % marks.length;
    this.go(marks[k]);
    status.replaceChildren(`${k + 1} of ${marks.length}`, make("span.sr", `: ${marks[k].title}`));
  }

  key(event) {
    const action = { n: () => this.step(1), p: () => this.step(-1), f: () => this.judgeHere(), m: () => this.ask() }[event.key];
    if (!action || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest?.("input:not([type=checkbox]), textarea, select") || document.querySelector("dialog[open]")) return;
    if (document.getElementById("keys")?.checked === false || !this.root.checkVisibility()) return;
    event.preventDefault();
    action();
  }

  // "This is fine" of the place that was gone to, or its undo.
  judgeHere() {
    const mark = this.at && document.getElementById(this.at);
    const note = mark && document.getElementById(mark.dataset.note);
    if (!note) return;
    const item = note.querySelector(`a[href="#${this.at}"]:not(.ref)`)?.closest("li") ?? note;
    item.querySelector("button[data-fine], button[data-undo]")?.click();
  }

  // --- what an editor says

  // Does what a button is for, once, and says in words what went wrong.
  async guarded(button, action) {
    if (this.busy) return;
    this.busy = true;
    button?.setAttribute("aria-busy", "true");
    try {
      await action();
    } catch (error) {
      if (error.name !== "AbortError") this.trouble(error.message);
    } finally {
      this.busy = false;
      button?.removeAttribute("aria-busy");
    }
  }

  trouble(message) {
    if (this.dialog.open) this.dialog.querySelector(".wrong").textContent = message;
    else this.desk.say(message);
  }

  post(rest, body) {
    return this.desk.api("POST", `/v1/submissions/${encodeURIComponent(this.id)}/${rest}`, body);
  }

  unjudged(signal) {
    const found = this.all(`button[data-fine="${CSS.escape(signal)}"]`);
    return [...new Map(found.map((button) => [`${button.dataset.start}-${button.dataset.end}`, button])).values()];
  }

  async fine(buttons) {
    const who = await this.desk.who();
    const events = [];
    try {
      for (const { dataset } of buttons) {
        const place = { start: Number(dataset.start), end: Number(dataset.end) };
        events.push(await this.post("feedback", { who, kind: "fine", signal: dataset.fine, ...place }));
      }
    } finally {
      const { part } = buttons[0].closest("[data-part]").dataset;
      if (events.length) await this.told(part, buttons[0].dataset.key, events, events.length > 1 ? `${plural(events.length, "place")} called fine.` : "Called fine.");
    }
  }

  async told(part, key, events, message) {
    await this.refresh(part, key);
    this.desk.say(message, { undo: () => this.guarded(null, () => this.undo(events.map((event) => event.id), part, key)) });
    this.desk.changed();
  }

  // Takes judgements back, the newest first.
  async undo(events, part, key = this.one("data-undo", String(events[0]))?.dataset.key ?? "") {
    const who = await this.desk.who();
    for (const event of events.toReversed()) await this.post("undo", { who, event });
    await this.refresh(part, key);
    this.desk.changed();
  }

  // --- what was missed

  // The selected words as they stand in the text, the character near which they do, and the row; null without any.
  selected() {
    const selection = getSelection();
    if (!selection.rangeCount || selection.isCollapsed) return null;
    const range = selection.getRangeAt(0);
    if (!this.root.contains(range.commonAncestorContainer)) return null;
    const pieces = [];
    for (const block of this.all(".words [data-start]")) {
      if (!range.intersectsNode(block)) continue;
      const part = document.createRange();
      part.selectNodeContents(block);
      const before = part.cloneRange();
      if (range.compareBoundaryPoints(Range.START_TO_START, part) > 0) part.setStart(range.startContainer, range.startOffset);
      if (range.compareBoundaryPoints(Range.END_TO_END, part) < 0) part.setEnd(range.endContainer, range.endOffset);
      before.setEnd(part.startContainer, part.startOffset);
      const text = plain(part);
      if (!text.trim()) continue;
      const near = Number(block.dataset.start) + [...plain(before)].length;
      pieces.push({ text, near, part: block.closest("[data-part]").dataset.part });
    }
    if (!pieces.length) return null;
    const [{ near, part }] = pieces;
    return { quote: pieces.map((piece) => piece.text).join("\n"), near, part };
  }

  // A button beside what has just been selected.
  offer() {
    cancelAnimationFrame(this.offering);
    this.offering = requestAnimationFrame(() => {
      const selection = getSelection();
      const found = !this.dialog.open && this.selected();
      this.float.hidden = !found;
      if (!found) return;
      const box = [...selection.getRangeAt(0).getClientRects()].at(-1);
      const page = this.root.getBoundingClientRect();
      const most = page.width - this.float.offsetWidth;
      this.float.style.left = `${Math.max(0, Math.min(box.right - page.left, most))}px`;
      this.float.style.top = `${box.bottom - page.top + 6}px`;
    });
  }

  ask() {
    const found = this.selected();
    const { form } = this;
    this.missing = found;
    this.dialog.querySelector("form").reset();
    form.quote.value = found?.quote ?? "";
    form.quote.readOnly = Boolean(found);
    this.dialog.querySelector(".wrong").textContent = "";
    this.explain();
    this.float.hidden = true;
    this.dialog.showModal();
    (found ? form.signal : form.quote).focus();
  }

  get form() {
    return this.dialog.querySelector("form").elements;
  }

  // What the chosen kind of fault is.
  explain() {
    this.dialog.querySelector(".kind").textContent = this.form.signal.selectedOptions[0].title;
  }

  async miss() {
    const { quote, signal, note } = this.form;
    const who = await this.desk.who();
    const place = { quote: quote.value, near: this.missing?.near ?? 0 };
    const event = await this.post("feedback", { who, kind: "missed", signal: signal.value || null, note: note.value.trim(), ...place });
    this.dialog.close();
    getSelection().removeAllRanges();
    await this.told(this.missing?.part, `missed-${event.id}`, [event], "Marked.");
  }

  // --- after a judgement

  // Draws anew what has changed. part: what stays where it is in the window; key: of the button that has the focus then.
  async refresh(part, key) {
    const page = await fetchPage(this.desk, this.id);
    const fixed = () => this.one("data-part", part ?? "") ?? this.inView();
    const anchor = fixed();
    const { part: name } = anchor?.dataset ?? {};
    const top = anchor?.getBoundingClientRect().top;
    const filters = new Map(this.all("[data-filter]").map((box) => [box.dataset.filter, box.checked]));
    for (const fresh of this.all("[data-part]", page)) {
      const { part: its } = fresh.dataset;
      if (this.parts.get(its) === fresh.outerHTML) continue;
      this.parts.set(its, fresh.outerHTML);
      const old = this.one("data-part", its);
      this.all("details", old).forEach((box, k) => {
        const same = fresh.querySelectorAll("details")[k];
        if (same) same.open = box.open;
      });
      dates(fresh);
      old.replaceWith(fresh);
    }
    for (const [signal, on] of filters) this.show(signal, on);
    this.point();
    if (name !== undefined) this.scroller.scrollTop += this.one("data-part", name).getBoundingClientRect().top - top;
    if (key === undefined || document.querySelector("dialog[open]")) return;
    const button = this.one("data-key", key) ?? this.one("data-part", name ?? "") ?? this.root;
    this.reveal(button);
    if (!button.matches("button")) button.tabIndex = -1;
    button.focus({ preventScroll: true });
  }

  // The first part of which something is in the window.
  inView() {
    return this.all("[data-part]").find((part) => part.getBoundingClientRect().bottom > 150);
  }
}

// The text of a range as it stands in the submission: the numbers of notes are not part of it.
function plain(range) {
  const copy = range.cloneContents();
  for (const number of copy.querySelectorAll(".ref")) number.remove();
  const inside = range.commonAncestorContainer;
  return (inside.parentElement ?? inside).closest(".ref") ? "" : copy.textContent;
}

// Times as people say them.
function dates(within) {
  for (const time of within.querySelectorAll("time[datetime]")) time.replaceWith(when(time.dateTime));
}
