// The queue: filters, counts, and as many rows as have been asked for. It keeps itself up to date.

import { current, go, withChanges } from "./address.js";
import { api } from "./api.js";
import { count, make, plural, words } from "./elements.js";
import { known } from "./say.js";
import { STATES, ago, badge, nameOf, share, when } from "./words.js";

const PAGE = 50; // rows that are asked for at once
const BUSY = 1.5; // seconds between looks while something is being read
const CALM = 5;

const FILTERS = ["state", "q", "outcome", "assignee", "sort"];

// Why there is no score, in two words.
const unread = ({ error, reason }) => (error ? "could not be read" : words((reason ?? "").split(":")[0]));

export class Queue {
  // stirred(): called when something has changed that was not changed here. failed(error): of the looks.
  constructor(root, { stirred, failed }) {
    this.root = root;
    this.stirred = stirred;
    this.failed = failed;
    this.form = root.querySelector("form");
    this.list = root.querySelector(".posts");
    this.more = root.querySelector(".more");
    this.items = [];
    this.after = null;
    this.counts = null;
    this.filters = null; // as they were last asked for
    this.turn = 0;
    this.at = 0; // where the open submission stands or stood
    this.listen();
  }

  listen() {
    let typing;
    this.form.addEventListener("submit", (event) => event.preventDefault());
    this.form.addEventListener("input", (event) => {
      if (event.target.name !== "q") return;
      clearTimeout(typing);
      typing = setTimeout(() => go({ q: event.target.value.trim() }, true), 250);
    });
    this.form.addEventListener("change", (event) => {
      if (event.target.name !== "q") go({ [event.target.name]: event.target.value });
    });
    this.root.querySelector("[data-clear]").addEventListener("click", () => {
      go({ q: null, outcome: null, assignee: null });
      this.form.elements.q.focus();
    });
    this.more.addEventListener("click", () => this.load());
    this.end = new IntersectionObserver((looks) => looks.at(-1).isIntersecting && this.load(), { rootMargin: "400px" });
  }

  // --- what is asked for

  get wanted() {
    const { outcome, assignee, sort } = this.form.elements;
    const [key, order] = sort.value.split("-");
    return { state: this.state === "all" ? null : this.state, q: current().q, outcome: outcome.value, assignee: assignee.value, sort: key, order };
  }

  get state() {
    const { state } = current();
    return state === "all" || Object.hasOwn(STATES, state) ? state : "new";
  }

  fetch(limit, after) {
    const asked = Object.entries({ ...this.wanted, limit, after }).filter(([, value]) => value);
    return api("GET", `/v1/submissions?${new URLSearchParams(asked)}`);
  }

  // Shows what the address says; the rows are asked for only when the filters have changed.
  async show() {
    const { open } = current();
    const filters = JSON.stringify(FILTERS.map((name) => current()[name] ?? ""));
    this.mark(open);
    if (filters === this.filters) return;
    this.filters = filters;
    this.settle();
    this.root.setAttribute("aria-busy", "true");
    try {
      this.at = 0;
      await this.refresh(PAGE, false);
    } catch (error) {
      this.filters = null; // the next look makes up for it
      throw error;
    } finally {
      this.root.removeAttribute("aria-busy");
    }
    this.root.querySelector(".scroll").scrollTop = 0;
    this.list.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
  }

  // The fields say what the address says.
  settle() {
    const state = current();
    for (const [name, standard] of [["outcome", ""], ["assignee", ""], ["sort", "received-desc"]]) {
      const field = this.form.elements[name];
      const value = state[name] ?? standard;
      if (name === "assignee") this.people(value);
      field.value = value;
      if (!field.value) field.value = standard; // what the address says is nothing to choose
      field.classList.toggle("set", name !== "sort" && Boolean(field.value));
    }
    if (document.activeElement !== this.form.elements.q) this.form.elements.q.value = state.q ?? "";
    this.root.querySelector("[data-clear]").hidden = !["q", "outcome", "assignee"].some((name) => state[name]);
    for (const link of this.root.querySelectorAll("[data-state]")) {
      link.setAttribute("href", withChanges({ state: link.dataset.state === "new" ? null : link.dataset.state, open: null, tab: null }));
      if (link.dataset.state === this.state) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
  }

  people(chosen) {
    const names = new Set([known(), ...this.names, chosen].filter(Boolean));
    const option = (name) => make("option", { value: name }, name === known() ? `Mine (${name})` : name);
    this.form.elements.assignee.replaceChildren(make("option", { value: "" }, "Assigned"), ...[...names].map(option));
    this.form.elements.assignee.value = chosen;
  }

  // --- rows

  // Asks again for the rows from the first to well behind the open one; what stands further down stays as it was.
  async refresh(least = Math.max(2 * PAGE, this.at + PAGE), keep = true) {
    const mine = ++this.turn;
    const items = [];
    let page;
    do {
      page = await this.fetch(Math.min(200, least - items.length), page?.next);
      if (mine !== this.turn) return;
      items.push(...page.items);
    } while (page.next && items.length < least);
    const fresh = new Set(items.map((item) => item.id));
    const last = this.items.findLastIndex((item) => fresh.has(item.id));
    const rest = keep && page.next && last >= 0 ? this.items.slice(last + 1).filter((item) => !fresh.has(item.id)) : [];
    this.items = [...items, ...rest];
    this.draw({ total: page.total, next: rest.length ? this.after : page.next });
  }

  async load() {
    if (!this.after || this.root.hasAttribute("aria-busy")) return;
    const mine = ++this.turn;
    this.root.setAttribute("aria-busy", "true");
    const page = await this.fetch(PAGE, this.after).finally(() => this.root.removeAttribute("aria-busy"));
    if (mine !== this.turn) return;
    const from = this.items.length;
    this.items.push(...page.items);
    this.draw(page, from);
  }

  draw({ total, next }, from = 0) {
    this.after = next;
    this.more.hidden = !next;
    this.root.querySelector(".status").textContent = plural(total, "submission");
    const nothing = this.root.querySelector(".nothing");
    nothing.hidden = total > 0;
    if (!total) nothing.replaceChildren(...this.nothing());
    this.place(from);
    this.end.unobserve(this.more); // and again: the end may be in sight still
    this.end.observe(this.more);
  }

  nothing() {
    const { state } = this;
    const { q, outcome, assignee } = current();
    if (state !== "all" && (q || outcome || assignee)) {
      return [make("p", `Nothing under ${STATES[state]} fits.`), make("p", make("a", { href: withChanges({ state: "all" }) }, "Look in all states"))];
    }
    if (q || outcome || assignee) return [make("p", "Nothing fits.")];
    if (state === "all") return [make("p", "Nothing has come in yet.")];
    return [make("p", state === "new" ? "Nothing waits for a decision." : `Nothing is under ${STATES[state]}.`)];
  }

  // Puts the rows in order, from one of them on. A row that has not changed stays the same element, so that focus and
  // place are kept.
  place(from = 0) {
    const before = new Map([...this.list.children].slice(from).map((row) => [row.dataset.id, row]));
    const focused = document.activeElement?.closest?.("#queue li");
    const mixed = this.state === "all";
    const filters = withChanges({ open: null, tab: null });
    let last = from ? this.list.children[from - 1] : null;
    for (const item of this.items.slice(from)) {
      const says = JSON.stringify([item, filters, ago(item.received, true)]);
      const row = before.get(item.id) ?? make("li", { "data-id": item.id });
      before.delete(item.id);
      if (row.says !== says) this.fill(row, item, mixed);
      row.says = says;
      const here = last ? last.nextElementSibling : this.list.firstElementChild;
      if (here !== row) this.list.insertBefore(row, here);
      last = row;
    }
    for (const row of before.values()) row.remove();
    this.mark(current().open);
    if (focused && !focused.isConnected) this.focus(this.at);
  }

  fill(row, item, mixed) {
    const link = row.firstElementChild ?? make("a");
    link.setAttribute("href", withChanges({ open: item.id, tab: null }));
    const waiting = item.stage === "waiting";
    const from = [item.author, item.name, item.url].find((name) => name && name !== nameOf(item)) ?? "";
    link.replaceChildren(
      make(
        "span.top",
        waiting ? make("span.badge.reading", "being read") : badge(item.outcome ?? "unscored"),
        item.score === null ? make("span.cause", waiting ? "" : unread(item)) : share(item.score),
        mixed && item.state !== "new" ? make(`span.state.${item.state}`, STATES[item.state]) : "",
        when(item.received, true),
      ),
      make("span.title", make("bdi", nameOf(item))),
      make(
        "span.foot",
        make("bdi.from", from),
        item.notes ? make("span.tag", plural(item.notes, "note")) : "",
        item.assignee ? make("span.tag", make("span.sr", "assigned to "), make("bdi", item.assignee)) : "",
      ),
    );
    if (!link.parentElement) row.append(link);
  }

  // The row of the open submission is marked.
  mark(open) {
    this.list.querySelector("[aria-current]")?.removeAttribute("aria-current");
    const k = this.items.findIndex((item) => item.id === open);
    if (k < 0 || !this.list.children[k]) return;
    this.at = k;
    this.list.children[k].firstElementChild.setAttribute("aria-current", "true");
  }

  // The names work is given to.
  get names() {
    return Object.keys(this.counts?.assignees ?? {});
  }

  // --- by the keyboard

  get rows() {
    return [...this.list.querySelectorAll("a")];
  }

  focus(k) {
    const row = this.rows[Math.max(0, Math.min(k, this.rows.length - 1))];
    if (!row) return this.form.elements.q.focus();
    row.focus();
    return row.scrollIntoView({ block: "nearest" });
  }

  // The next row, or the one before; opened at once where the queue is out of sight.
  step(by) {
    const focused = this.rows.indexOf(document.activeElement);
    const open = this.list.querySelector("[aria-current]");
    // when the open one has left the list, the next one stands in its place
    const from = focused >= 0 ? focused : open ? this.at : this.at - (by > 0 ? 1 : 0);
    if (!this.rows[from + by]) return;
    if (this.list.checkVisibility()) this.focus(from + by);
    else this.rows[from + by].click();
  }

  // Opens the submission beside the open one.
  open(by) {
    const there = this.list.querySelector("[aria-current]");
    this.rows[(there ? this.at : this.at - (by > 0 ? 1 : 0)) + by]?.click();
  }

  // --- up to date

  // Looks now and then, while the page is seen, whether anything has changed.
  async watch() {
    let looking;
    const look = async () => {
      clearTimeout(looking);
      if (document.visibilityState === "visible") {
        try {
          await this.look();
          this.failed(null);
        } catch (error) {
          this.failed(error);
        }
      }
      looking = setTimeout(look, 1000 * (this.counts?.waiting ? BUSY : CALM));
    };
    document.addEventListener("visibilitychange", look);
    await look();
  }

  // own: something was changed here, so the rows are asked for again in any case.
  async look(own = false) {
    const counts = await api("GET", "/v1/submissions/counts");
    const changed = this.counts && JSON.stringify(counts) !== JSON.stringify(this.counts);
    this.counts = counts;
    const all = Object.values(counts.states).reduce((sum, n) => sum + n, 0);
    for (const link of this.root.querySelectorAll("[data-state]")) {
      link.querySelector("b").textContent = count(link.dataset.state === "all" ? all : (counts.states[link.dataset.state] ?? 0));
    }
    const { assignee = "" } = current();
    if (document.activeElement !== this.form.elements.assignee) this.people(assignee);
    if (changed && !own) this.stirred();
    if (changed || own || this.filters === null) await this.refresh();
  }
}
