"use strict";
// What the page does beyond showing itself: marks on and off, ways between notes and places, the table of pages.
// Everything can be read without it.
document.documentElement.classList.add("js");

document.addEventListener("DOMContentLoaded", () => {
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];

  // --- marks of a signal on and off

  function show(article, signal, on) {
    const name = CSS.escape(signal);
    for (const element of all(`[data-signal="${name}"]`, article)) element.classList.toggle("off", !on);
    for (const box of all(`[data-filter="${name}"]`, article)) box.checked = on;
  }

  document.addEventListener("change", (event) => {
    const { filter } = event.target.dataset;
    if (filter) show(event.target.closest("article"), filter, event.target.checked);
  });

  // --- from a note to its place and back

  // Opens what hides the element: a folded page, a filtered outcome, marks that are off.
  function reveal(element) {
    const article = element.closest("article");
    if (article) article.hidden = false;
    if (element.matches(".off[data-signal]")) show(article, element.dataset.signal, true);
    const own = element.matches("article") ? all(":scope > details", element) : [];
    for (let box = element.closest("details"); box; box = box.parentElement.closest("details")) own.push(box);
    for (const box of own) box.open = true;
  }

  function target(hash) {
    return hash.length > 1 ? document.getElementById(decodeURIComponent(hash.slice(1))) : null;
  }

  function arrive() {
    const element = target(location.hash);
    if (!element) return;
    reveal(element);
    element.scrollIntoView();
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest('a[href^="#"]');
    if (link) {
      const element = target(link.getAttribute("href"));
      if (element) reveal(element);
      return;
    }
    const mark = event.target.closest("mark:not(.off)");
    if (mark && !String(getSelection())) location.hash = mark.dataset.note;
  });
  addEventListener("hashchange", arrive);
  arrive();

  // --- a note and its places light up together

  function light(event, on) {
    const element = event.target.closest("mark:not(.off), .note");
    if (!element) return;
    const note = element.dataset.note || element.id;
    const article = element.closest("article");
    const name = CSS.escape(note);
    for (const one of all(`mark[data-note="${name}"], #${name}`, article)) one.classList.toggle("lit", on);
  }
  document.addEventListener("mouseover", (event) => light(event, true));
  document.addEventListener("mouseout", (event) => light(event, false));

  // --- the table of pages

  const table = document.querySelector("table.pages");
  if (!table) return;
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const find = document.getElementById("find");
  const left = document.getElementById("left");
  const boxes = all("[data-outcome]", document.querySelector(".tally"));

  function filter() {
    const wanted = new Set(boxes.filter((box) => box.checked).map((box) => box.dataset.outcome));
    const words = find.value.trim().toLowerCase();
    let count = 0;
    for (const row of rows) {
      const on = wanted.has(row.dataset.outcome) && row.textContent.toLowerCase().includes(words);
      row.hidden = !on;
      target(row.querySelector("a").getAttribute("href")).hidden = !on;
      count += on;
    }
    left.textContent = count === rows.length ? "" : `${count} of ${rows.length} pages shown`;
  }
  for (const box of boxes) box.addEventListener("change", filter);
  find.addEventListener("input", filter);
  if (find.value || boxes.some((box) => !box.checked)) filter();

  function key(row, column) {
    const cell = row.cells[column];
    const text = cell.dataset.sort ?? cell.textContent.trim();
    return cell.classList.contains("number") ? Number(text) : text.toLowerCase();
  }

  function sort(heading, column) {
    const before = heading.getAttribute("aria-sort");
    const up = before ? before === "descending" : !heading.classList.contains("number");
    for (const other of all("th[aria-sort]", table.tHead)) other.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", up ? "ascending" : "descending");
    const keyed = rows.map((row) => [key(row, column), row]);
    const order = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
    keyed.sort(([a], [b]) => (up ? order(a, b) : order(b, a)));
    body.append(...keyed.map(([, row]) => row));
  }

  [...table.tHead.rows[0].cells].forEach((heading, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...heading.childNodes);
    button.addEventListener("click", () => sort(heading, column));
    heading.append(button);
  });
});
