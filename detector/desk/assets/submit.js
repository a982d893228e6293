// How posts get in: pasted, dropped, chosen or fetched. Each is sent by itself, so that one that fails stops no other.

import { withChanges } from "./address.js";
import { Trouble, api, pause, send } from "./api.js";
import { make, plural } from "./elements.js";
import { tabbed } from "./say.js";
import { badge, nameOf, sentence, share } from "./words.js";

const AT_ONCE = 3; // posts on their way at the same time
const TRIES = 5; // for one post, as long as what stops it may pass
const LOOK = 0.7; // seconds between looks at a post that is being read
const WAIT = 2; // seconds the desk may take to read it before it answers at all

const by = (id) => document.getElementById(id);
const dialog = by("add");
const most = Number(document.body.dataset.maxBody);
const megabytes = (bytes) => `${(bytes / 1e6).toLocaleString("en", { maximumFractionDigits: 1 })} MB`;

// --- one post on its way ----------------------------------------------------------------------------------------------

class Post {
  // body(): what is sent to path. large: bytes, where they are known before.
  constructor(label, path, body, { large = 0, refused = "" } = {}) {
    Object.assign(this, { label, path, body, large, refused, state: "waiting", submission: null });
    this.key = crypto.randomUUID?.() ?? Array.from(crypto.getRandomValues(new Uint32Array(4)), (n) => n.toString(36)).join("-");
    this.says = make("span.says");
    this.row = make("li", make("bdi.label", label), this.says);
    this.say("waiting", "waits");
  }

  get done() {
    return this.state === "read" || this.state === "failed";
  }

  // Nothing more can come of it.
  get over() {
    return this.state === "read" || (this.state === "failed" && !this.passing);
  }

  say(state, ...parts) {
    this.state = state;
    this.row.className = state;
    this.says.replaceChildren(...make("span", parts).childNodes);
  }

  async go() {
    try {
      if (this.refused) throw new Trouble(this.refused, { status: 422 });
      if (this.large > most) throw new Trouble(`${megabytes(this.large)} are too much; the desk takes ${megabytes(most)}.`, { status: 413 });
      this.submission = await this.send();
      while (this.submission.stage === "waiting") {
        this.say("reading", "is being read");
        await pause(LOOK);
        this.submission = await this.look();
      }
      this.finish();
    } catch (error) {
      this.fail(error);
    }
  }

  // The key makes sure that a post that was sent twice is kept once.
  async send() {
    for (let attempt = 1; ; attempt += 1) {
      const bar = make("progress", { max: "1", value: "0", "aria-label": `${this.label}: sent` });
      this.say("sending", bar, " is sent");
      try {
        const answer = await send(this.path, this.body(), this.key, (share) => {
          bar.value = share;
          if (share === 1) this.say("reading", "is being read");
        });
        const submission = answer.items?.[0] ?? answer;
        if (submission.error && !submission.id) throw new Trouble(submission.error.message ?? submission.error, { status: 422 });
        return submission;
      } catch (error) {
        if (!error.passing || attempt === TRIES) throw error;
        this.say("sending", `${error.message} Another try is made.`);
        await pause(error.after ?? 2 ** (attempt - 1) / 2);
      }
    }
  }

  async look() {
    try {
      return await api("GET", `/v1/submissions/${encodeURIComponent(this.submission.id)}`);
    } catch (error) {
      if (!error.passing) throw error;
      return this.submission;
    }
  }

  finish() {
    const { submission } = this;
    const open = make("a", { href: withChanges({ open: submission.id, tab: null }), click: () => dialog.close() }, make("bdi", nameOf(submission)));
    if (submission.error) {
      this.say("failed", make("span.wrong", sentence(submission.error.message)), " ", make("a", { href: open.getAttribute("href"), click: () => dialog.close() }, "It is kept all the same"));
      return;
    }
    this.say("read", badge(submission.outcome ?? "unscored"), submission.score === null ? "" : share(submission.score), open);
  }

  fail(error) {
    this.passing = error.passing;
    const again = make("button.link", { type: "button", click: () => [this.say("waiting", "waits"), enqueue([this])] }, "Try again");
    this.say("failed", make("span.wrong", error.message), error.passing ? [" ", again] : "");
  }
}

// --- all of them ------------------------------------------------------------------------------------------------------

let posts = [];
let hurry = { changed() {}, open() {} }; // what the desk does when one has come in

function enqueue(added) {
  if (!added.length) return;
  for (const post of added) if (!posts.includes(post)) posts.push(post);
  by("sent").querySelector("ol").prepend(...added.map((post) => post.row));
  by("sent").hidden = false;
  tally();
  while (moving() < AT_ONCE && next()) run(next(), added.length === 1 && posts.every((post) => post.done || post === added[0]));
}

const next = () => posts.find((post) => post.state === "waiting" && !post.taken);
const moving = () => posts.filter((post) => post.taken).length;

// alone: nothing else was sent with it, so it is opened when it has been read.
async function run(post, alone = false) {
  post.taken = true;
  tally();
  await post.go();
  post.taken = false;
  tally();
  hurry.changed();
  if (alone && post.state === "read" && dialog.open) {
    dialog.close();
    hurry.open(post.submission.id);
  }
  if (next()) run(next());
}

function tally() {
  const done = posts.filter((post) => post.done).length;
  const failed = posts.filter((post) => post.state === "failed").length;
  const says = `${done} of ${plural(posts.length, "post")} done${failed ? `, ${failed} with an error` : ""}`;
  const line = by("sent").querySelector(".status");
  if (line.textContent !== says) line.textContent = says;
  by("sending").hidden = done === posts.length && !failed;
  by("sending").textContent = done === posts.length ? plural(failed, "post") + " failed" : `Adding ${done} of ${posts.length}`;
}

addEventListener("beforeunload", (event) => {
  if (posts.some((post) => !post.done)) event.preventDefault();
});

// What is known of all of them.
function common() {
  const given = { author: by("author").value.trim(), note: by("remark").value.trim() };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value));
}

const single = (label, form) => new Post(label, `/v1/submissions?wait=${WAIT}`, () => form);

// --- files ------------------------------------------------------------------------------------------------------------

function addFiles(files, folders = []) {
  const given = common();
  const body = (file) => () => {
    const form = new FormData();
    form.append("file", file, file.name);
    for (const [key, value] of Object.entries(given)) form.append(key, value);
    return form;
  };
  enqueue([
    ...[...files].map((file) => new Post(file.name, `/v1/submissions/files?wait=${WAIT}`, body(file), { large: file.size })),
    ...folders.map((name) => new Post(name, "", null, { refused: "This is a folder: open it and drop the files in it." })),
  ]);
}

by("files").addEventListener("change", (event) => {
  addFiles(event.target.files);
  event.target.value = "";
});

// Files may be dropped anywhere, also while nothing else is open.
let over = 0;
const carriesFiles = (event) => event.dataTransfer?.types.includes("Files");
addEventListener("dragenter", (event) => {
  if (!carriesFiles(event)) return;
  over += 1;
  by("drop").hidden = false;
});
addEventListener("dragleave", (event) => {
  if (!carriesFiles(event)) return;
  over -= 1;
  by("drop").hidden = over <= 0;
});
addEventListener("dragover", (event) => carriesFiles(event) && event.preventDefault());
addEventListener("drop", (event) => {
  over = 0;
  by("drop").hidden = true;
  if (!carriesFiles(event) || event.target.matches?.("[type=file]")) return;
  event.preventDefault();
  if (by("archive").open) {
    by("archive-files").elements.file.files = event.dataTransfer.files;
    return;
  }
  const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry?.());
  const files = [...event.dataTransfer.files].filter((_, k) => !entries[k]?.isDirectory);
  openAdd("files");
  addFiles(files, entries.filter((entry) => entry?.isDirectory).map((entry) => entry.name));
});

// --- paste ------------------------------------------------------------------------------------------------------------

const paper = by("add-paste").querySelector("form");
const field = paper.elements.text;
const SOURCE = /^\s*<(?:!doctype|html|body|article|section|main|div|p|h[1-6]|ul|ol|table|a|b|i|strong|em|span)\b[^>]*>/i;
let rich = null; // what was pasted last: its HTML, and the text that stands for it in the field

// Only counted, never made into elements: what was pasted is shown as its text.
const linksIn = (html) => (html.match(/<a\s[^>]*href\s*=/gi) ?? []).length;

// A paste that fills the whole field keeps its links; one into other text is text.
field.addEventListener("paste", (event) => {
  const html = event.clipboardData.getData("text/html");
  const whole = field.selectionStart === 0 && field.selectionEnd === field.value.length;
  rich = html && whole ? { html, text: null } : null;
  if (rich) {
    addEventListener("input", () => {
      if (rich) rich.text = field.value;
    }, { once: true, capture: true });
  }
  if (html && !whole) rich = { html: "", text: null };
});

field.addEventListener("input", pasted);
paper.addEventListener("change", (event) => event.target.name === "form" && describe());

// Which ways to read it there are, and which is likely meant.
function pasted() {
  const kept = rich?.html && rich.text === field.value;
  const radio = (value) => paper.querySelector(`[value="${value}"]`);
  radio("rich").parentElement.hidden = !kept;
  if (kept) radio("rich").checked = true;
  else if (SOURCE.test(field.value)) radio("html").checked = true;
  else if (paper.elements.form.value === "rich" || !field.value) radio("text").checked = true;
  describe();
}

function describe() {
  const form = paper.elements.form.value;
  const links = rich?.html ? linksIn(rich.html) : 0;
  const says = {
    rich: links ? `Links kept: ${links}. Headings and lists are kept too.` : "Headings and lists are kept; no link is in it.",
    text: links && rich.text === field.value ? `Read as plain text: ${plural(links, "link")} left out.` : "",
    markdown: "Read as Markdown: [words](address) is a link.",
    html: "Read as the source of a page.",
  }[form];
  const edited = rich && form === "text" && rich.text !== field.value && field.value ? "Changed by hand, so it is read as plain text." : "";
  by("kept").textContent = edited || says;
}

paper.addEventListener("submit", (event) => {
  event.preventDefault();
  const form = paper.elements.form.value;
  const text = form === "rich" ? rich.html : field.value;
  if (!field.value.trim()) {
    field.focus();
    by("kept").textContent = "There is no text yet: paste one.";
    return;
  }
  const title = paper.elements.title.value.trim();
  const label = title || `${field.value.trim().slice(0, 60).split("\n")[0]}…`;
  enqueue([single(label, { ...common(), ...(title && { title }), [form === "rich" ? "html" : form]: text })]);
  paper.reset();
  rich = null;
  pasted();
});

const list = by("add-addresses").querySelector("form");
for (const form of [paper, list]) {
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
}

// --- addresses --------------------------------------------------------------------------------------------------------

list.addEventListener("submit", (event) => {
  event.preventDefault();
  const box = list.elements.addresses;
  const addresses = [...new Set(box.value.split(/\s+/).filter(Boolean))];
  if (!addresses.length) return box.focus();
  const given = common();
  enqueue(addresses.map((url) => single(url, { ...given, url })));
  return list.reset();
});

// --- the dialog -------------------------------------------------------------------------------------------------------

const choose = tabbed(dialog.querySelector('[role="tablist"]'), (tab) => choose(tab));

export function openAdd(how = "paste") {
  choose(by(`tab-${how}`));
  if (!dialog.open) dialog.showModal();
  ({ paste: field, addresses: list.elements.addresses }[how] ?? by("tab-files")).focus();
}

// What is done with has been seen; what may still go through another time stays.
dialog.addEventListener("close", () => {
  for (const post of posts) if (post.over) post.row.remove();
  posts = posts.filter((post) => !post.over);
  by("sent").hidden = !posts.length;
  tally();
});

by("open-add").addEventListener("click", () => openAdd());
by("sending").addEventListener("click", () => openAdd("files"));

// A paste outside of any field is a post.
addEventListener("paste", (event) => {
  if (event.defaultPrevented || event.target.closest?.("input, textarea, select") || document.querySelector("dialog[open]:not(#add)")) return;
  const { files } = event.clipboardData;
  const [html, text] = ["text/html", "text/plain"].map((type) => event.clipboardData.getData(type));
  if (files.length && !text) {
    openAdd("files");
    addFiles(files);
  } else if (text) {
    event.preventDefault();
    openAdd("paste");
    field.value = text;
    rich = html ? { html, text: field.value } : null;
    pasted();
  }
});

// changed(): something came in. open(id): shows one.
export function begin(desk) {
  hurry = desk;
}
