// What holds it together. What is shown stands in the address after "#": the way back works and a view can be kept.

// --- the address ------------------------------------------------------------------------------------------------------

const current = () => Object.fromEntries(new URLSearchParams(location.hash.slice(2)));

let scheme = ""; // "light" or "dark" when it was chosen

function go(state, replace = false) {
  const query = new URLSearchParams(scheme ? { ...state, scheme } : state);
  const hash = `#/${query}`;
  if (replace) location.replace(hash);
  else location.hash = hash;
}

const DRAWERS = ["page", "group", "sentence"]; // what the drawer can show
const within = (name, number) => `#/${new URLSearchParams({ ...without(DRAWERS), [name]: number })}`;
const without = (keys) => Object.fromEntries(Object.entries(current()).filter(([key]) => !keys.includes(key)));

// --- the report -------------------------------------------------------------------------------------------------------

document.addEventListener("DOMContentLoaded", () => {
  const by = (id) => document.getElementById(id);
  const dialog = by("drawer");
  const grids = new Map();
  let data = null;

  // --- light and dark

  function paint(wanted) {
    scheme = wanted;
    for (const rule of document.styleSheets[0].cssRules) {
      if (rule.media && rule.colours === undefined) rule.colours = rule.media.mediaText.includes("color-scheme");
      if (rule.colours) rule.media.mediaText = { dark: "all", light: "not all" }[wanted] ?? "(prefers-color-scheme: dark)";
    }
    document.documentElement.style.colorScheme = wanted;
    by("scheme").textContent = isDark() ? "Light" : "Dark";
  }

  const isDark = () => (scheme ? scheme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches);
  by("scheme").addEventListener("click", () => {
    const wanted = isDark() ? "light" : "dark";
    paint(wanted);
    go(current(), true);
  });

  // --- the table of hosts

  const hosts = by("hosts");
  const lines = [...hosts.tBodies[0].rows];
  [...hosts.tHead.rows[0].cells].forEach((heading, k) => {
    const key = (row) => (k ? Number(row.cells[k].dataset.sort) : row.cells[0].textContent.trim());
    const button = make("button", { type: "button" });
    button.append(...heading.childNodes);
    button.addEventListener("click", () => {
      const before = heading.getAttribute("aria-sort");
      const up = before ? before === "descending" : k === 0;
      for (const other of hosts.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      heading.setAttribute("aria-sort", up ? "ascending" : "descending");
      const order = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
      lines.sort((a, b) => (up ? order(key(a), key(b)) : order(key(b), key(a))));
      hosts.tBodies[0].append(...lines);
    });
    heading.append(button);
  });

  // --- views and drawer

  function load() {
    data ??= (async () => {
      const meta = await unpack("meta");
      const parts = await Promise.all(Array.from({ length: meta.tables }, (_, k) => read(`table-${k}`)));
      const [groups, sentences, changes] = await Promise.all([unpack("groups"), unpack("recurring"), unpack("changes")]);
      const pages = new Pages(meta, parts);
      const tables = {
        pages: () => pagesTable(pages, groups),
        groups: () => groupsTable(groups, meta),
        recurring: () => recurringTable(sentences, meta),
        changes: () => changesTable(changes),
      };
      return { pages, tables, drawer: new Drawer(pages, groups, sentences) };
    })();
    return data;
  }

  function grid(name, tables) {
    if (!grids.has(name)) grids.set(name, new Grid(by(name), tables[name](), go));
    return grids.get(name);
  }

  let turn = 0;
  async function show() {
    const mine = ++turn;
    const state = current();
    if (state.scheme && state.scheme !== scheme) paint(state.scheme);
    if (scheme && !state.scheme) {
      go(state, true); // which adds it
      return;
    }
    const known = ["pages", "groups", "recurring", "changes"];
    const view = known.includes(state.view) ? state.view : "summary";
    for (const name of ["summary", ...known]) by(name).hidden = name !== view;
    for (const link of document.querySelectorAll("nav a")) {
      if (link.hash === `#/view=${view}`) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    document.body.classList.toggle("tabled", view !== "summary");
    const name = DRAWERS.find((drawer) => state[drawer] !== undefined);
    if (view === "summary" && !name) {
      if (dialog.open) dialog.close();
      return;
    }
    by("main").setAttribute("aria-busy", "true");
    const { tables, drawer } = await load();
    by("main").removeAttribute("aria-busy");
    if (mine !== turn) return;
    if (view !== "summary") grid(view, tables).show(Object.fromEntries(Object.entries(state).filter(([key]) => ![...DRAWERS, "scheme"].includes(key))));
    if (!name) {
      if (dialog.open) dialog.close();
      return;
    }
    const number = Number(state[name]);
    const size = { page: drawer.pages.size, group: drawer.groups.length, sentence: drawer.sentences.length }[name];
    if (!Number.isInteger(number) || number < 0 || number >= size) return;
    const content = await drawer[name](number);
    if (mine !== turn) return;
    dialog.replaceChildren(bar(name, number), make("div.inside", content));
    if (!dialog.open) dialog.showModal();
    dialog.scrollTop = 0;
    by("drawer-h").focus({ preventScroll: true });
  }

  // The buttons above the drawer's content; previous and next follow the rows of the table behind it.
  function bar(name, number) {
    const table = grids.get(current().view);
    const key = { page: ["pages", "changes"], group: ["groups"], sentence: ["recurring"] }[name];
    const at = table && key.includes(table.name) ? table.rows.findIndex((i) => table.table.open(i)[name] === number) : -1;
    const step = (label, by) =>
      make("button.plain", { type: "button", "data-step": by, disabled: at < 0 || !(at + by in table.rows), click: () => {
        table.move(at + by);
        go({ ...without(DRAWERS), ...table.table.open(table.rows[at + by]) }, true);
      } }, label);
    return make(
      "div.bar-drawer",
      at < 0 ? null : [step("← Previous", -1), step("Next →", 1), make("span.quiet", `${count(at + 1)} of ${count(table.rows.length)}`)],
      make("button.plain.close", { type: "button", click: () => dialog.close() }, "Close"),
    );
  }

  dialog.addEventListener("close", () => {
    if (DRAWERS.some((name) => name in current())) go(without(DRAWERS), true);
  });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close(); // the backdrop
  });
  dialog.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step && !event.altKey && !event.ctrlKey && !event.metaKey) dialog.querySelector(`[data-step="${step}"]`)?.click();
  });

  function arrive() {
    show().catch((error) => {
      const trouble = by("trouble");
      trouble.textContent =
        typeof DecompressionStream === "undefined"
          ? "This browser is too old to unpack the tables: Chrome 80, Firefox 113, Safari 16.4 or a later one can. The summary can be read as it is."
          : `A part of this file cannot be read: was it copied or saved in full? (${error.message})`;
      trouble.hidden = false;
    });
  }
  document.querySelector(".skip").addEventListener("click", (event) => {
    event.preventDefault(); // the address says what is shown
    by("main").focus();
  });
  paint(current().scheme ?? "");
  addEventListener("hashchange", arrive);
  arrive();
});
