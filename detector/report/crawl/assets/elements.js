"use strict";
// The script of an audit's report, in five files that become one: elements, grid, tables, drawer, report.
// All data waits packed in the page and becomes text nodes only, never markup.
document.documentElement.classList.add("js");

// --- elements ---------------------------------------------------------------------------------------------------------

// What a reader cannot see, or what turns the reading direction round, spelled out.
const UNSEEN = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff]|[\u{e0000}-\u{e007f}]/gu;
const visible = (text) =>
  String(text).replace(UNSEEN, (c) => `⟨U+${c.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}⟩`);

// An element: `make("p.quiet", {title: "…"}, "text", child)`. Strings become text, never markup; null is left out.
function make(name, ...rest) {
  const [tag, ...classes] = name.split(".");
  const element = document.createElement(tag);
  if (classes.length) element.className = classes.join(" ");
  for (const part of rest.flat(Infinity)) {
    if (part === null || part === undefined || part === false) continue;
    if (part instanceof Node) element.append(part);
    else if (typeof part === "object") for (const [key, value] of Object.entries(part)) attribute(element, key, value);
    else element.append(visible(part));
  }
  return element;
}

function attribute(element, key, value) {
  if (typeof value === "function") element.addEventListener(key, value);
  else if (value !== null && value !== false) element.setAttribute(key, value === true ? "" : visible(value));
}

function draw(tag, attributes, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

const count = (number) => number.toLocaleString("en");
const plural = (number, word) => `${count(number)} ${word}${number === 1 ? "" : "s"}`;
const words = (name) => name.replaceAll("_", " ");
const signed = (hundredths) =>
  hundredths ? `${hundredths < 0 ? "−" : "+"}${(Math.abs(hundredths) / 100).toFixed(2)}` : "0.00";

// A probability for people; 100 % and 0 % are never claimed.
function percent(share) {
  if (share === null || Number.isNaN(share)) return "–";
  if (share > 0.99) return "over 99\u00a0%";
  return share < 0.01 ? "under 1\u00a0%" : `${Math.round(share * 100)}\u00a0%`;
}

// A time as people write it; what is no time stays as it is.
function moment(time) {
  const date = new Date(time);
  const form = { dateStyle: "long", timeStyle: "short", timeZone: "UTC" };
  return Number.isNaN(date.getTime()) ? time : `${date.toLocaleString("en-GB", form)} UTC`;
}

// The address of a page as a link to follow, or as mere text where it is no web address.
function outward(url, text = url) {
  let safe = false;
  try {
    safe = ["http:", "https:"].includes(new URL(url).protocol);
  } catch {
    // no address
  }
  if (!safe) return make("bdi.name", text);
  return make("a.name", { href: url, rel: "noreferrer noopener nofollow", target: "_blank" }, make("bdi", text));
}

// --- packed data ------------------------------------------------------------------------------------------------------

const opened = new Map(); // the chunks opened last

function unpack(name) {
  if (!opened.has(name)) {
    opened.set(name, read(name));
    if (opened.size > 24) opened.delete(opened.keys().next().value);
  }
  return opened.get(name);
}

async function read(name) {
  const packed = document.getElementById(`data-${name}`).textContent;
  let bytes;
  if (Uint8Array.fromBase64) {
    bytes = Uint8Array.fromBase64(packed);
  } else {
    const raw = atob(packed);
    bytes = new Uint8Array(raw.length);
    for (let k = 0; k < raw.length; k += 1) bytes[k] = raw.charCodeAt(k);
  }
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).json();
}

// --- two texts side by side -------------------------------------------------------------------------------------------

// The words of two texts as parts [left, right, same], by their longest common subsequence.
function compare(left, right) {
  const [a, b] = [left, right].map((text) => text.split(/\s+/).filter(Boolean).slice(0, 300));
  const [x, y] = [a, b].map((side) => side.map((word) => word.replace(/[^\p{L}\p{N}]/gu, "").toLowerCase()));
  const width = y.length + 1;
  const longest = new Uint16Array((x.length + 1) * width);
  for (let i = x.length - 1; i >= 0; i -= 1) {
    for (let j = y.length - 1; j >= 0; j -= 1) {
      longest[i * width + j] =
        x[i] === y[j]
          ? longest[(i + 1) * width + j + 1] + 1
          : Math.max(longest[(i + 1) * width + j], longest[i * width + j + 1]);
    }
  }
  const parts = [];
  const put = (l, r, same) => {
    const last = parts.at(-1);
    if (last && last[2] === same) {
      if (l) last[0] += (last[0] && " ") + l;
      if (r) last[1] += (last[1] && " ") + r;
    } else parts.push([l, r, same]);
  };
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && x[i] === y[j]) {
      put(a[i], b[j], 1);
      i += 1;
      j += 1;
    } else if (j >= b.length || (i < a.length && longest[(i + 1) * width + j] >= longest[i * width + j + 1])) {
      put(a[i], "", 0);
      i += 1;
    } else {
      put("", b[j], 0);
      j += 1;
    }
  }
  return parts;
}

// Both sides with the words that differ marked. heads: what stands above each.
function sideBySide(parts, heads) {
  const side = (k) =>
    make(
      "blockquote",
      make("p.who", heads[k]),
      make("p", { dir: "auto" }, parts.map((part) => [part[2] ? part[k] : part[k] && make("b", part[k]), " "])),
    );
  return make("div.pair", side(0), side(1));
}

const slotList = (slots) =>
  make(
    "ul.slots",
    slots.map((values) =>
      make("li", values.map((value, k) => [k > 0 && make("span.or", " / "), make("bdi", value)])),
    ),
  );
