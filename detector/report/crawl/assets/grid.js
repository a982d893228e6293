// A table of any length, of which only the rows in the window are elements.

// --- a table of any length --------------------------------------------------------------------------------------------

const PRINTED = 300; // rows on paper

// Only the rows in the window are elements. `table` describes it:
//   size, columns [{key, label, number, value(i), draw(i)}], text(i) in lower case to be searched,
//   facets [{key, label, chips, options [[value, label, count]], has(i, value)}], sort [key, down], open(i) -> state
class Grid {
  constructor(section, table, go) {
    this.table = table;
    this.go = go;
    this.name = section.id;
    this.active = 0;
    this.rows = new Uint32Array(0);
    this.pool = [];
    this.orders = new Map();
    this.tools(section);
    this.head = make("div.head", { role: "row", "aria-rowindex": "1" });
    this.table.columns.forEach((column, k) => {
      const button = make("button", { type: "button", tabindex: "-1", click: () => this.sortBy(column) }, column.label);
      this.head.append(
        make(`div.cell.c-${column.key}${column.number ? ".number" : ""}`, { role: "columnheader", "aria-colindex": k + 1 }, button),
      );
    });
    this.body = make("div.body", { role: "rowgroup" });
    this.box = make(
      "div.grid",
      {
        role: "grid",
        tabindex: "0",
        "aria-label": `${table.label}: arrow keys move, Enter opens`,
        "aria-colcount": table.columns.length,
        scroll: () => this.paint(),
        keydown: (event) => this.key(event),
        focus: () => this.paint(),
        blur: () => this.paint(),
      },
      make("div.heads", { role: "rowgroup" }, this.head),
      this.body,
    );
    this.empty = make("p.quiet.empty", { hidden: true }, table.size ? "Nothing fits these filters." : "There are none.");
    section.append(this.box, this.empty);
    new ResizeObserver(() => {
      this.measure();
      this.paint(true);
    }).observe(this.box);
    addEventListener("beforeprint", () => this.paint(true, PRINTED));
    addEventListener("afterprint", () => this.paint(true));
  }

  // Search, filters, sorting for narrow windows, downloads, the count.
  tools(section) {
    const { table } = this;
    this.find = make("input", { type: "search", autocomplete: "off", spellcheck: "false", input: () => this.typed() });
    this.selects = new Map();
    this.boxes = new Map();
    const parts = [make("label.find", make("span", "Find"), this.find)];
    const more = [];
    for (const facet of table.facets) {
      if (facet.chips) {
        const chips = facet.options.map(([value, label, number]) => {
          const box = make("input", { type: "checkbox", value, change: () => this.chosen() });
          this.boxes.set(facet.key, [...(this.boxes.get(facet.key) ?? []), box]);
          return make(`label.chip.${value}`, box, make("span", label), make("small", count(number)));
        });
        parts.push(make("fieldset.chips", make("legend.sr", facet.label), chips));
      } else if (facet.options.length) {
        const select = make("select", { name: facet.key, change: () => this.chosen() }, make("option", { value: "" }, "any"));
        for (const [value, label, number] of facet.options) {
          select.append(make("option", { value }, number === null ? label : `${label} (${count(number)})`));
        }
        this.selects.set(facet.key, select);
        more.push(make("label.facet", make("span", facet.label), select));
      }
    }
    this.order = make("select", { name: "sort", change: () => this.sorted() });
    for (const column of table.columns) {
      this.order.append(
        make("option", { value: `${column.key} up` }, `${column.label} ↑`),
        make("option", { value: `${column.key} down` }, `${column.label} ↓`),
      );
    }
    more.push(make("label.facet.order", make("span", "Sort"), this.order));
    const wide = matchMedia("(min-width: 52.01rem)"); // where there is room the filters are always there
    const folding = make("details.more", { open: wide.matches }, make("summary", "Filters and order"), make("div", more));
    wide.addEventListener("change", () => (folding.open = wide.matches));
    parts.push(folding);
    this.status = make("p.status", { role: "status" });
    this.reset = make("button.plain", { type: "button", click: () => this.go({ view: this.name }) }, "Clear filters");
    const below = make("div.below", this.status, this.reset);
    if (table.save) {
      below.append(
        make(
          "span.save",
          make("button.plain", { type: "button", click: () => save("pages.csv", "text/csv", table.csv(this.rows)) }, "Download CSV"),
          make("button.plain", { type: "button", click: () => save("pages.jsonl", "application/jsonl", table.jsonl(this.rows)) }, "Download JSON lines"),
        ),
      );
    }
    section.append(make("div.tools", parts), below);
  }

  typed() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.chosen(), 120);
  }

  // From the controls to the address.
  chosen() {
    const state = { view: this.name };
    if (this.find.value.trim()) state.q = this.find.value;
    for (const [key, boxes] of this.boxes) {
      const on = boxes.filter((box) => box.checked).map((box) => box.value);
      if (on.length) state[key] = on.join(",");
    }
    for (const [key, select] of this.selects) if (select.value) state[key] = select.value;
    this.go({ ...state, ...this.sorting() }, true);
  }

  sorting() {
    const [key, down] = this.table.sort;
    return this.sort[0] === key && this.sort[1] === down ? {} : { sort: this.sort.join(" ") };
  }

  sortBy(column) {
    const down = this.sort[0] === column.key ? this.sort[1] !== "down" : Boolean(column.number);
    this.sort = [column.key, down ? "down" : "up"];
    this.chosen();
  }

  sorted() {
    this.sort = this.order.value.split(" ");
    this.chosen();
  }

  // From the address to the controls and the rows.
  show(state) {
    const known = this.table.columns.map((column) => column.key);
    const [key, way] = (state.sort ?? "").split(" ");
    this.sort = known.includes(key) ? [key, way === "down" ? "down" : "up"] : this.table.sort;
    this.order.value = this.sort.join(" ");
    if (this.find !== document.activeElement) this.find.value = state.q ?? "";
    for (const [name, boxes] of this.boxes) {
      const on = (state[name] ?? "").split(",");
      for (const box of boxes) box.checked = on.includes(box.value);
    }
    for (const [name, select] of this.selects) select.value = state[name] ?? "";
    this.table.columns.forEach((column, k) => {
      const cell = this.head.children[k];
      if (column.key === this.sort[0]) cell.setAttribute("aria-sort", this.sort[1] === "down" ? "descending" : "ascending");
      else cell.removeAttribute("aria-sort");
    });
    const asked = JSON.stringify([state, this.sort]);
    if (asked === this.asked) return;
    this.asked = asked;
    this.rows = this.filter(state);
    const { size, label } = this.table;
    this.status.textContent =
      this.rows.length === size ? `${plural(size, label)}` : `${count(this.rows.length)} of ${plural(size, label)} shown`;
    this.reset.hidden = this.rows.length === size;
    this.empty.hidden = this.rows.length > 0;
    this.box.hidden = !this.rows.length;
    this.box.classList.toggle("cut", this.rows.length > PRINTED);
    this.box.setAttribute("aria-rowcount", this.rows.length + 1);
    this.active = 0;
    this.box.scrollTop = 0;
    this.paint(true);
  }

  filter(state) {
    const { table } = this;
    const off = new Uint8Array(table.size);
    for (const facet of table.facets) {
      const wanted = state[facet.key];
      if (!wanted) continue;
      const has = facet.test(facet.chips ? wanted.split(",") : wanted);
      for (let i = 0; i < off.length; i += 1) if (!has(i)) off[i] = 1;
    }
    for (const word of (state.q ?? "").toLowerCase().split(/\s+/).filter(Boolean)) {
      for (let i = 0; i < off.length; i += 1) if (!off[i] && !table.text[i].includes(word)) off[i] = 1;
    }
    const order = this.inOrder(...this.sort);
    const rows = new Uint32Array(order.length);
    let left = 0;
    for (let k = 0; k < order.length; k += 1) if (!off[order[k]]) rows[left++] = order[k];
    return rows.slice(0, left);
  }

  // All rows sorted by a column, kept; what has no value comes last either way.
  inOrder(key, way) {
    const name = `${key} ${way}`;
    if (!this.orders.has(name)) {
      const { value } = this.table.columns.find((column) => column.key === key);
      const keys = Array.from({ length: this.table.size }, (_, i) => value(i));
      const none = (k) => k === null || k === "" || Number.isNaN(k);
      const [less, more] = way === "down" ? [1, -1] : [-1, 1];
      const order = Uint32Array.from(keys, (_, i) => i);
      order.sort((i, j) => {
        const [a, b] = [keys[i], keys[j]];
        if (a === b) return i - j;
        if (none(a) || none(b)) return none(a) - none(b) || i - j;
        return a < b ? less : a > b ? more : i - j;
      });
      this.orders.set(name, order);
    }
    return this.orders.get(name);
  }

  measure() {
    this.height = parseFloat(getComputedStyle(this.box).getPropertyValue("--row"));
    this.above = this.head.parentElement.offsetHeight;
    this.window = this.box.clientHeight;
  }

  // Puts the rows that the window shows, or the first ones for paper, onto the elements there are.
  paint(anew = false, most = 0) {
    if (!this.window) this.measure();
    if (!this.window) return;
    const { height } = this;
    if (anew) this.body.style.height = `${this.rows.length * height}px`;
    const needed = most || Math.ceil(this.window / height) + 6;
    while (this.pool.length > needed) this.pool.pop().remove();
    while (this.pool.length < needed) {
      const row = make("div.line", { role: "row", click: (event) => this.click(event) });
      row.index = -1;
      this.pool.push(row);
      this.body.append(row);
    }
    const first = most ? 0 : Math.max(0, Math.floor((this.box.scrollTop - this.above) / height) - 2);
    const focused = document.activeElement === this.box;
    for (const [k, row] of this.pool.entries()) {
      const size = this.pool.length;
      const index = first + ((((k - first) % size) + size) % size);
      row.hidden = index >= this.rows.length;
      if (row.hidden) {
        row.index = -1;
        row.removeAttribute("id");
        continue;
      }
      if (anew || row.index !== index) {
        row.index = index;
        row.id = `${this.name}-${index}`;
        row.setAttribute("aria-rowindex", index + 2);
        row.style.transform = `translateY(${index * height}px)`;
        const i = this.rows[index];
        row.replaceChildren(
          ...this.table.columns.map((column, c) =>
            make(`div.cell.c-${column.key}${column.number ? ".number" : ""}`, { role: "gridcell", "aria-colindex": c + 1 }, column.draw(i)),
          ),
        );
      }
      row.classList.toggle("active", focused && index === this.active);
      row.setAttribute("aria-selected", index === this.active);
    }
    if (this.rows.length) this.box.setAttribute("aria-activedescendant", `${this.name}-${this.active}`);
  }

  click(event) {
    if (event.target.closest("a") || String(getSelection())) return;
    this.active = event.currentTarget.index;
    this.open();
  }

  open() {
    if (this.rows.length) this.go({ ...current(), ...this.table.open(this.rows[this.active]) });
  }

  key(event) {
    const page = Math.max(1, Math.floor(this.window / this.height) - 2);
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity };
    if (event.target !== this.box || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === "Enter") this.open();
    else if (event.key in steps) this.move(this.active + steps[event.key]);
    else return;
    event.preventDefault();
  }

  // Makes a row the active one and brings it into the window.
  move(index) {
    this.active = Math.min(Math.max(0, index), this.rows.length - 1);
    const top = this.active * this.height;
    const low = top + this.height + this.above - this.window;
    if (this.box.scrollTop > top) this.box.scrollTop = top;
    else if (this.box.scrollTop < low) this.box.scrollTop = low;
    this.paint();
  }
}
