// How submissions are spoken of: names of states, a time as people say it, what an event did.

import { make, percent, words } from "./elements.js";

export const STATES = { new: "New", needs_edits: "Needs edits", accepted: "Accepted", rejected: "Rejected" };

export const nameOf = (submission) => submission.title || submission.name || submission.url || "Without a title";

export const badge = (outcome) => make(`span.badge.${outcome}`, outcome === "unscored" ? "not scored" : outcome);

export const share = (score) => make("span.score", percent(score));

// The sentence of a reason that begins with a word for machines.
export const sentence = (reason) => reason.replace(/^[a-z_]+: /, "").replaceAll("_", " ");

// --- time -------------------------------------------------------------------------------------------------------------

const STEPS = [
  ["minute", 60],
  ["hour", 3600],
  ["day", 86_400],
];
const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto", style: "long" });
const short = new Intl.RelativeTimeFormat("en", { numeric: "auto", style: "narrow" });
const calendar = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium" });
const exact = new Intl.DateTimeFormat("en-GB", { dateStyle: "full", timeStyle: "medium" });

// "3 hours ago" up to a week, then the date.
export function ago(time, narrow = false) {
  const date = new Date(time);
  const seconds = (Date.now() - date) / 1000;
  const [unit, size] = STEPS.findLast(([, least]) => seconds >= least) ?? ["second", 1];
  if (seconds > 604_800) return calendar.format(date);
  if (unit === "second") return "just now";
  return (narrow ? short : relative).format(-Math.floor(seconds / size), unit);
}

// The same as an element; the exact time, in the reader's zone, is its title.
export const when = (time, narrow = false) =>
  make("time", { datetime: time, title: exact.format(new Date(time)) }, ago(time, narrow));

// --- history ----------------------------------------------------------------------------------------------------------

const quoted = (event) => (event.quote ? [" “", make("bdi", event.quote), "”"] : "");
const state = (name) => STATES[name] ?? String(name);

// What an event did, as parts of a sentence whose subject is who did it.
const DID = {
  received: () => ["sent it in"],
  answered: () => ["read it"],
  state: ({ before, after }) => [`moved it from ${state(before)} to `, make("b", state(after))],
  author: ({ after }) => (after ? ["wrote down the author: ", make("bdi", after)] : ["took the author's name out"]),
  assignee: ({ before, after }) =>
    after ? ["gave it to ", make("b", make("bdi", after))] : ["took it from ", make("bdi", before ?? "nobody")],
  note: ({ after }) => ["wrote: ", make("bdi.said", after)],
  fine: (event) => ["called ", make("b", words(event.signal ?? "a finding")), " fine", quoted(event)],
  missed: (event) => ["marked a missed fault", event.signal ? [": ", make("b", words(event.signal))] : "", quoted(event)],
  letter: () => ["saved the letter"],
  undo: ({ before }) => ["took back ", CHANGES[before?.kind] ?? "a change"],
};

// What can be taken back, as it is called when it is.
export const CHANGES = {
  state: "the decision",
  assignee: "who it was given to",
  author: "the author's name",
  note: "a note",
  fine: "“this is fine”",
  missed: "a missed fault",
  letter: "the letter",
};

export const did = (event) => (DID[event.kind] ?? (() => [words(event.kind)]))(event);
