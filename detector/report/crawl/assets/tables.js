// The tables of pages, groups, recurring sentences and changes: what their columns show, what they are filtered by.

// --- the columns of the pages -----------------------------------------------------------------------------------------

// Lists of whole numbers, one a page, without an array for each.
class Lists {
  constructor(lists) {
    this.starts = new Uint32Array(lists.length + 1);
    lists.forEach((list, i) => (this.starts[i + 1] = this.starts[i] + list.length));
    this.values = new Int32Array(this.starts[lists.length]);
    lists.forEach((list, i) => this.values.set(list, this.starts[i]));
  }

  at(i) {
    return this.values.subarray(this.starts[i], this.starts[i + 1]);
  }
}

class Pages {
  constructor(meta, parts) {
    const whole = (k) => [].concat(...parts.map((part) => part[k]));
    const numbers = (k, type) => type.from(whole(k), (value) => value ?? NaN);
    this.meta = meta;
    this.size = meta.pages;
    this.ids = whole(0);
    this.titles = whole(1);
    this.urls = whole(2);
    this.hosts = numbers(3, Uint32Array);
    this.outcomes = numbers(4, Uint8Array);
    this.scores = numbers(5, Float64Array);
    this.alone = numbers(6, Float64Array);
    this.before = numbers(7, Int8Array);
    this.words = numbers(8, Uint32Array);
    this.languages = numbers(9, Uint16Array);
    this.reasons = numbers(10, Int32Array);
    this.signals = new Lists(whole(11)); // code and push, the strongest first
    this.groups = new Lists(whole(12));
    this.text = this.titles.map((title, i) => `${title}\n${this.urls[i] || this.ids[i]}`.toLowerCase());
  }

  id(i) {
    return this.ids[i] ?? this.urls[i];
  }

  name(i) {
    return this.titles[i] || this.urls[i] || this.id(i);
  }

  outcome(i) {
    return this.meta.outcomes[this.outcomes[i]];
  }

  host(i) {
    return this.meta.hosts[this.hosts[i]][0];
  }

  // The number of the page with an id; the first, should several have it.
  find(id) {
    if (!this.numbers) {
      this.numbers = new Map();
      for (let i = this.size - 1; i >= 0; i -= 1) this.numbers.set(this.id(i), i);
    }
    return this.numbers.get(id);
  }

  // The strongest findings that speak for rejection, as [name, push].
  strongest(i, most) {
    const list = this.signals.at(i);
    const found = [];
    for (let k = 0; k < list.length && found.length < most; k += 2) {
      found.push([this.meta.signals[list[k]][0], list[k + 1]]);
    }
    return found;
  }

  reason(i) {
    return this.reasons[i] < 0 ? "" : this.meta.reasons[this.reasons[i]][0];
  }

  record(i) {
    return {
      id: this.id(i),
      url: this.urls[i] || null,
      title: this.titles[i] || null,
      host: this.host(i) || null,
      outcome: this.outcome(i),
      score: Number.isNaN(this.scores[i]) ? null : this.scores[i],
      page_score: Number.isNaN(this.alone[i]) ? (Number.isNaN(this.scores[i]) ? null : this.scores[i]) : this.alone[i],
      words: this.words[i],
      language: this.meta.languages[this.languages[i]][0] || null,
      reason: this.reason(i) || null,
      signals: Object.fromEntries(this.strongest(i, Infinity).map(([name, push]) => [name, push / 100])),
    };
  }
}

const badge = (outcome) => make(`span.badge.${outcome}`, outcome);

function pagesTable(pages, groups) {
  const { meta } = pages;
  const number = (list, name) => list.findIndex(([other]) => other === name);
  const largest = (list) => list.filter(([, n]) => n).sort((a, b) => b[1] - a[1]).slice(0, 1000);
  const kinds = new Map();
  for (let i = 0; i < pages.size; i += 1) {
    for (const kind of new Set(Array.from(pages.groups.at(i), (g) => groups[g][0]))) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  }
  const changed = pages.before.reduce((sum, before) => sum + (before >= 0), 0);
  const severity = [0, 1, 2, -1]; // publish, review, reject, unscored
  return {
    label: "page",
    size: pages.size,
    text: pages.text,
    sort: ["score", "down"],
    open: (i) => ({ page: i }),
    save: true,
    csv: (rows) => csv(pages, rows),
    jsonl: (rows) => Array.from(rows, (i) => `${JSON.stringify(pages.record(i))}\n`).join(""),
    columns: [
      { key: "outcome", label: "Outcome", value: (i) => severity[pages.outcomes[i]], draw: (i) => badge(pages.outcome(i)) },
      {
        key: "score",
        label: "Score",
        number: true,
        value: (i) => pages.scores[i],
        draw: (i) => [
          `${percent(pages.scores[i])} `,
          Number.isNaN(pages.alone[i]) ? null : make("small", { title: "Score of the page by itself" }, `alone ${percent(pages.alone[i])}`),
        ],
      },
      {
        key: "title",
        label: "Page",
        value: (i) => pages.text[i].trim(),
        draw: (i) => [make("bdi.title", pages.name(i)), make("bdi.name", pages.urls[i] || pages.id(i))],
      },
      { key: "host", label: "Host", value: (i) => pages.host(i), draw: (i) => make("bdi", pages.host(i) || "–") },
      {
        key: "findings",
        label: "Strongest findings",
        value: (i) => pages.signals.at(i)[1] ?? 0,
        draw: (i) =>
          pages.reasons[i] < 0
            ? pages.strongest(i, 3).map(([name, push]) => make("span.seen", words(name), " ", make("small", signed(push))))
            : make("span.quiet", words(pages.reason(i))),
      },
      { key: "length", label: "Words", number: true, value: (i) => pages.words[i], draw: (i) => count(pages.words[i]) },
    ],
    facets: [
      {
        key: "outcome",
        label: "Outcome",
        chips: true,
        options: ["reject", "review", "publish", "unscored"].map((name) => [name, name, meta.counts[meta.outcomes.indexOf(name)]]),
        test: (names) => (i) => names.includes(pages.outcome(i)),
      },
      {
        key: "host",
        label: "Host",
        options: largest([...meta.hosts]).map(([name, n]) => [name || "-", name || "(no address)", n]),
        test: (name) => ((code) => (i) => pages.hosts[i] === code)(number(meta.hosts, name === "-" ? "" : name)),
      },
      {
        key: "signal",
        label: "Signal",
        options: largest([...meta.signals]).map(([name, n]) => [name, words(name), n]),
        test: (name) => {
          const code = number(meta.signals, name);
          const { starts, values } = pages.signals;
          return (i) => {
            for (let k = starts[i]; k < starts[i + 1]; k += 2) if (values[k] === code) return true;
            return false;
          };
        },
      },
      {
        key: "kind",
        label: "In a group of",
        options: [...kinds].map(([kind, n]) => [kind, `${meta.kinds[kind] ?? words(kind)}s`, n]),
        test: (kind) => (i) => pages.groups.at(i).some((g) => groups[g][0] === kind),
      },
      {
        key: "changed",
        label: "Other pages",
        options: changed ? [["yes", "changed the outcome", changed]] : [],
        test: () => (i) => pages.before[i] >= 0,
      },
      {
        key: "reason",
        label: "No score",
        options: largest([...meta.reasons]).map(([name, n]) => [name, words(name), n]),
        test: (name) => ((code) => (i) => pages.reasons[i] === code)(number(meta.reasons, name)),
      },
      { key: "in", label: "Group", options: [], test: (g) => (i) => pages.groups.at(i).includes(Number(g)) },
    ],
  };
}

function csv(pages, rows) {
  const names = ["url", "outcome", "score", "page_score", "title", "host", "words", "language", "reason", "signals", "id"];
  const lines = [names.join(",")];
  for (const i of rows) {
    const record = pages.record(i);
    record.signals = Object.entries(record.signals).map(([name, push]) => `${name} ${push.toFixed(2)}`).join("; ");
    lines.push(names.map((name) => field(record[name])).join(","));
  }
  return `\ufeff${lines.join("\r\n")}\r\n`; // the mark tells spreadsheets that this is UTF-8
}

// --- downloads --------------------------------------------------------------------------------------------------------

function save(name, type, text) {
  const link = make("a", { download: name });
  link.href = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

// A field of a CSV file; what a spreadsheet would take for a formula gets an apostrophe.
function field(value) {
  if (value === null || value === undefined || Number.isNaN(value)) return "";
  let text = String(value);
  if (typeof value === "string" && /^[=+\-@\t\r]/.test(text)) text = `'${text}`;
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

// --- the other tables -------------------------------------------------------------------------------------------------

// Options of a facet with their counts, over what `value` says of each row.
function options(rows, value, label = (name) => name) {
  const counts = new Map();
  for (const row of rows) counts.set(value(row), (counts.get(value(row)) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1]).slice(0, 1000).map(([name, n]) => [name || "-", label(name) || "(no address)", n]);
}

const slotLine = (slots) => slots.map((values) => values.slice(0, 4).join(" / ")).join(" · ");

function groupsTable(groups, meta) {
  const kind = (name) => meta.kinds[name] ?? words(name);
  return {
    label: "group",
    size: groups.length,
    text: groups.map(([, label, , , slots]) => `${label}\n${slots.flat().join("\n")}`.toLowerCase()),
    sort: ["pages", "down"],
    open: (i) => ({ group: i }),
    columns: [
      { key: "kind", label: "Kind", value: (i) => groups[i][0], draw: (i) => make("span.tag", kind(groups[i][0])) },
      {
        key: "title",
        label: "Group",
        value: (i) => groups[i][1].toLowerCase(),
        draw: (i) => [make("bdi.title", groups[i][1] || "–"), make("bdi.name", slotLine(groups[i][4]))],
      },
      { key: "hosts", label: "Hosts", number: true, value: (i) => groups[i][3], draw: (i) => count(groups[i][3]) },
      { key: "pages", label: "Pages", number: true, value: (i) => groups[i][2], draw: (i) => count(groups[i][2]) },
    ],
    facets: [
      { key: "kind", label: "Kind", options: options(groups, ([name]) => name, kind), test: (name) => (i) => groups[i][0] === name },
    ],
  };
}

function recurringTable(sentences, meta) {
  const host = (row) => meta.hosts[row[2]][0];
  return {
    label: "sentence",
    size: sentences.length,
    text: sentences.map(([, text]) => text.toLowerCase()),
    sort: ["pages", "down"],
    open: (i) => ({ sentence: i }),
    columns: [
      { key: "kind", label: "Kind", value: (i) => sentences[i][0], draw: (i) => make("span.tag", sentences[i][0]) },
      {
        key: "title",
        label: "Sentence",
        value: (i) => sentences[i][1].toLowerCase(),
        draw: (i) => [make("bdi.title", sentences[i][1]), make("bdi.name", slotLine(sentences[i][4]))],
      },
      { key: "host", label: "Host", value: (i) => host(sentences[i]), draw: (i) => make("bdi", host(sentences[i]) || "–") },
      { key: "pages", label: "Pages", number: true, value: (i) => sentences[i][3], draw: (i) => count(sentences[i][3]) },
    ],
    facets: [
      { key: "kind", label: "Kind", options: options(sentences, ([kind]) => kind), test: (kind) => (i) => sentences[i][0] === kind },
      { key: "host", label: "Host", options: options(sentences, host), test: (name) => (i) => (host(sentences[i]) || "-") === name },
    ],
  };
}

function changesTable(changes) {
  const side = (outcome, score) => (outcome ? [badge(outcome), " ", percent(score)] : "–");
  return {
    label: "change",
    size: changes.length,
    text: changes.map(([, name]) => name.toLowerCase()),
    sort: ["now", "down"],
    open: (i) => (changes[i][2] === null ? {} : { page: changes[i][2] }),
    columns: [
      { key: "kind", label: "Change", value: (i) => changes[i][0], draw: (i) => make("span.tag", changes[i][0]) },
      {
        key: "title",
        label: "Page",
        value: (i) => changes[i][1].toLowerCase(),
        draw: (i) => {
          const [, name, , , , , , came, went, reworded] = changes[i];
          const what = [...came.map((signal) => `+ ${words(signal)}`), ...went.map((signal) => `− ${words(signal)}`)];
          if (reworded) what.push("other words");
          return [make("bdi.title", name), make("bdi.name", what.join(", "))];
        },
      },
      { key: "before", label: "Before", value: (i) => changes[i][4] ?? NaN, draw: (i) => side(changes[i][3], changes[i][4]) },
      { key: "now", label: "Now", value: (i) => changes[i][6] ?? NaN, draw: (i) => side(changes[i][5], changes[i][6]) },
    ],
    facets: [
      { key: "change", label: "Change", options: options(changes, ([kind]) => kind), test: (kind) => (i) => changes[i][0] === kind },
    ],
  };
}
