// What stands in the drawer: a page with its findings at the very words, a group with its differences, a sentence.

// --- the drawer -------------------------------------------------------------------------------------------------------

const characters = new WeakMap(); // of a passage: offsets count characters, strings do not

// A place of a text and the words around it; null when no passage holds it.
function quote(passages, start, end, around = 120) {
  for (const passage of passages) {
    const [offset, text] = passage;
    if (!characters.has(passage)) characters.set(passage, Array.from(text));
    const all = characters.get(passage);
    if (offset > start || start >= offset + all.length) continue;
    const cut = (from, to) => all.slice(Math.max(0, from - offset), Math.max(0, to - offset)).join("");
    const line = (words) => words.replace(/\s*\n\s*/g, " ¶ ");
    const before = cut(start - around, start);
    const after = cut(end, end + around);
    return {
      before: line(start - around > offset ? before.replace(/^\S*\s+/, "") : before),
      inside: line(cut(start, end)) + (end > offset + all.length ? " …" : ""),
      after: line(end + around < offset + all.length ? after.replace(/\s+\S*$/, "") : after),
    };
  }
  return null;
}

// Details that fill themselves when they are first opened.
function folded(summary, fill) {
  const box = make("details.fold", make("summary", summary));
  box.addEventListener("toggle", async () => {
    if (box.open && box.children.length === 1) box.append(await fill());
  });
  return box;
}

class Drawer {
  constructor(pages, groups, sentences) {
    this.pages = pages;
    this.groups = groups;
    this.sentences = sentences;
  }

  kind(name) {
    return this.pages.meta.kinds[name] ?? words(name);
  }

  link(i) {
    return make("a", { href: within("page", i) }, make("bdi", this.pages.name(i)));
  }

  // What stands above one side of a comparison: copies share their title, so the address is named too.
  head(i) {
    return [this.link(i), make("bdi.name", this.pages.urls[i] || this.pages.id(i))];
  }

  async details(i) {
    const { block } = this.pages.meta;
    return (await unpack(`pages-${Math.floor(i / block)}`))[i % block];
  }

  async members(g) {
    return (await unpack(`members-${this.groups[g][5]}`))[this.groups[g][6]];
  }

  async page(i) {
    const { pages } = this;
    const [place, time, why, bias, findings, passages] = await this.details(i);
    const scored = !Number.isNaN(pages.scores[i]);
    const found = findings.filter(([, , push, , places]) => push || places.length);
    const facts = [
      ["Page alone", scored && pages.alone[i] >= 0 ? percent(pages.alone[i]) : null],
      ["Words", count(pages.words[i])],
      ["Language", pages.meta.languages[pages.languages[i]][0] || "unknown"],
      ["Host", pages.host(i) || null],
      ["Fetched", time && moment(time)],
      ["Lies in", place],
      ["Id", pages.ids[i]],
    ];
    return [
      make("p.outcome", badge(pages.outcome(i)), scored && make("span.score", percent(pages.scores[i]))),
      make("h2", { id: "drawer-h", tabindex: "-1" }, make("bdi", pages.name(i))),
      pages.urls[i] ? make("p", outward(pages.urls[i])) : null,
      this.verdict(i, why),
      make("dl.facts", facts.filter(([, value]) => value !== null).map(([name, value]) => make("div", make("dt", name), make("dd", make("bdi", value))))),
      pages.groups.at(i).length ? make("section", make("h3", "Among other pages"), await this.groupsOf(i)) : null,
      found.length ? make("section", make("h3", "What was found"), found.map((finding) => this.finding(i, finding, passages))) : null,
      scored ? this.account(bias, findings) : null,
    ];
  }

  // What needs saying about the outcome, in a sentence.
  verdict(i, why) {
    const { pages } = this;
    if (pages.reasons[i] >= 0) {
      const sentence = (why ?? "no reason given").replace(/^[a-z_]+: /, "");
      return make("p.why", `Not scored: ${sentence}`);
    }
    const parts = [];
    if (pages.before[i] >= 0) {
      const before = pages.meta.outcomes[pages.before[i]];
      parts.push(make("p.why", `By itself this page would be ${before}, ${percent(pages.alone[i])}. What other pages of the crawl show makes it ${pages.outcome(i)}.`));
    }
    if (why === "low_confidence") parts.push(make("p.caution", make("b", "Low confidence. "), "So few words are little to go by."));
    return make("div", parts);
  }

  finding(i, [code, value, push, says, places, more], passages) {
    const [signal, , kind, summary] = this.pages.meta.signals[code];
    const rest = more ? make("p.quiet", places.length ? `and ${plural(more, "more place")}` : `${plural(more, "place")}, not quoted in this file`) : null;
    return make(
      `article.found.${kind}`,
      make("h4", make(`span.signal.${kind}`, { title: summary }, words(signal)), make("span.weight", push ? signed(push) : "not counted")),
      make("p.says", says),
      make("ul.places", places.map((span) => this.place(i, span, kind, passages))),
      rest,
    );
  }

  place(i, [start, end, says, instead, partner], kind, passages) {
    const words = quote(passages, start, end);
    return make(
      "li",
      words && make("p.context", { dir: "auto" }, words.before && `…${words.before}`, make(`mark.${kind}`, words.inside), words.after && `${words.after}…`),
      says ? make("p.says", says) : null,
      instead.length
        ? make("p.instead", "Instead: ", instead.map((form, k) => [k > 0 && " or ", "“", make("bdi", form), "”"]))
        : null,
      partner && this.partner(i, words, partner, passages),
    );
  }

  // The other place of a pair, and both side by side.
  partner(i, here, [id, url, start, end], passages) {
    const other = id === null ? i : this.pages.find(id);
    const name = id === null ? "on this page" : other === undefined ? make("bdi", url || id) : this.link(other);
    const line = make("p.partner", "The other place: ", name);
    if (other === undefined) return line;
    const beside = folded("Side by side", async () => {
      const there = quote(id === null ? passages : (await this.details(other))[5], start, end);
      if (there && here) return sideBySide(compare(here.inside, there.inside), ["Here", id === null ? "There" : this.head(other)]);
      return (await this.differences(i, other)) ?? make("p.quiet", "The words of the other page are not in this file.");
    });
    return make("div", line, beside);
  }

  // What a group keeps of two of its pages side by side; null without it.
  async differences(i, other) {
    for (const g of this.pages.groups.at(i)) {
      for (const [one, two, , parts] of await this.members(g)) {
        if (parts.length && one === i && (other === undefined || two === other)) return sideBySide(parts, ["This page", this.head(two)]);
        if (parts.length && two === i && one === other) {
          return sideBySide(parts.map(([left, right, same]) => [right, left, same]), ["This page", this.head(one)]);
        }
      }
    }
    return null;
  }

  async groupsOf(i) {
    const items = [];
    for (const g of this.pages.groups.at(i)) {
      const [kind, label, size] = this.groups[g];
      const own = (await this.members(g)).find(([one]) => one === i);
      items.push(
        make(
          "li",
          make("p", make("span.tag", this.kind(kind)), " ", make("a", { href: within("group", g) }, make("bdi", label || `group ${g + 1}`)), make("span.quiet", ` ${plural(size, "page")}`)),
          own && own[3].length ? folded(`Side by side with ${visible(this.pages.name(own[1]))}`, () => sideBySide(own[3], ["This page", this.head(own[1])])) : null,
        ),
      );
    }
    return make("ul.grouped", items);
  }

  // Bias and pushes as bars, each beginning where the one before ended.
  account(bias, findings) {
    const lines = [["bias, where every page starts", bias]];
    for (const [code, , push] of findings) if (push) lines.push([words(this.pages.meta.signals[code][0]), push]);
    const ends = [0];
    for (const [, push] of lines) ends.push(ends.at(-1) + push);
    const { thresholds } = this.pages.meta;
    const marks = Object.values(thresholds).map((share) => 100 * Math.log(share / (1 - share)));
    const low = Math.min(...ends, ...marks) - 10;
    const high = Math.max(...ends, ...marks) + 10;
    const at = (hundredths) => ((hundredths - low) / (high - low)) * 100;
    const bar = (from, to) => {
      const line = (x, look) => draw("line", { class: look, x1: x, x2: x, y1: 0, y2: 16 });
      const [left, right] = [Math.min(from, to), Math.max(from, to)].map(at);
      return draw(
        "svg",
        { class: "bar", viewBox: "0 0 100 16", preserveAspectRatio: "none", "aria-hidden": "true" },
        ...marks.map((mark) => line(at(mark), "threshold")),
        line(at(0), "zero"),
        draw("rect", { class: to > from ? "up" : "down", x: left, width: Math.max(0.6, right - left), y: 4, height: 8 }),
      );
    };
    const total = ends.at(-1);
    const row = (name, push, from, to) =>
      make("tr", make("td.number", signed(push)), make("td.bars", bar(from, to)), make("th", { scope: "row" }, name));
    return make(
      "section.account",
      make("h3", "How the score adds up"),
      make(
        "table",
        make("caption.sr", "Bias and pushes in log-odds; together they are the score"),
        make("thead.sr", make("tr", ["Push", "Bar", "Signal"].map((name) => make("th", { scope: "col" }, name)))),
        make("tbody", lines.map(([name, push], k) => row(name, push, ends[k], ends[k + 1]))),
        make("tfoot", row(`log-odds, which is ${percent(1 / (1 + Math.exp(-total / 100)))}`, total, 0, total)),
      ),
    );
  }

  slots(slots) {
    if (!slots.length) return null;
    const rest = slots.length > 8 ? folded(`${slots.length - 8} more`, () => slotList(slots.slice(8))) : null;
    return make("section", make("h3", "What changes from page to page"), slotList(slots.slice(0, 8)), rest);
  }

  async group(g) {
    const { pages } = this;
    const [kind, label, size, hosts, slots] = this.groups[g];
    const members = await this.members(g);
    let open = 1;
    const items = members.map(([one, two, likeness, parts]) => {
      if (one === null) return null;
      const beside = parts.length && two !== null ? folded("Side by side", () => sideBySide(parts, [this.head(one), this.head(two)])) : null;
      if (beside && open-- > 0) beside.open = true;
      return make(
        "li",
        make("p.member", badge(pages.outcome(one)), make("span.score", percent(pages.scores[one])), this.link(one), likeness !== null && make("span.weight", `${Math.round(100 * likeness)} % alike`)),
        make("p", make("bdi.name", pages.urls[one] || pages.id(one))),
        beside,
      );
    });
    return [
      make("p.outcome", make("span.tag", this.kind(kind))),
      make("h2", { id: "drawer-h", tabindex: "-1" }, make("bdi", label || `Group ${g + 1}`)),
      make("p.quiet", `${plural(size, "page")} on ${plural(hosts, "host")}. `, make("a", { href: `#/view=pages&in=${g}` }, "Show them in the table")),
      this.slots(slots),
      make("section", make("h3", "Pages"), make("ul.members", items), size > members.length ? make("p.quiet", `and ${plural(size - members.length, "more page")}; the table has them`) : null),
    ];
  }

  async sentence(s) {
    const [kind, text, host, size, slots] = this.sentences[s];
    const name = this.pages.meta.hosts[host][0];
    return [
      make("p.outcome", make("span.tag", kind)),
      make("h2", { id: "drawer-h", tabindex: "-1" }, kind === "template" ? "A template with slots" : "Site furniture"),
      make("p.quiet", `On ${plural(size, "page")} of `, make("bdi", name || "unknown hosts"), ". ", name ? make("a", { href: `#/${new URLSearchParams({ view: "pages", host: name })}` }, "Pages of this host") : null),
      make("blockquote.sentence", make("p", { dir: "auto" }, text)),
      this.slots(slots),
    ];
  }
}
