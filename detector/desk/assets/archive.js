// The site's own archive, which submissions are compared with: how much is in it, more into it, all out of it.

import { Trouble, api, pause } from "./api.js";
import { count, plural } from "./elements.js";
import { ask, say } from "./say.js";

const by = (id) => document.getElementById(id);
const dialog = by("archive");
const LOOK = 2; // seconds between looks while pages come in

const status = (text) => {
  dialog.querySelector(".status").textContent = text;
};

async function look() {
  const { pages, job } = await api("GET", "/v1/archive");
  status(pages ? `${plural(pages, "page")} in it.` : "Nothing is in it yet.");
  dialog.querySelector("[data-remove]").disabled = !pages;
  return { pages, job };
}

async function open() {
  dialog.showModal();
  const [health, { job }] = await Promise.all([api("GET", "/v1/health"), look()]);
  const { model, database, version, workers } = health;
  dialog.querySelector(".about").textContent = `detector ${version}, model ${model.name} ${model.version}, database ${database}, ${plural(workers, "worker")}.`;
  if (job?.state === "running") await follow();
}

// Sends what is to be added and says what became of it.
async function add(form, send) {
  form.inert = true;
  status("Being read…");
  try {
    const job = await send();
    form.reset();
    if (job.state === "running") await follow();
    else await told(job);
  } catch (error) {
    status(error.message);
  } finally {
    form.inert = false;
  }
}

// A sitemap is read on and on, also when the dialog is closed.
async function follow() {
  for (;;) {
    const { pages, job } = await look();
    if (job?.state !== "running") return told(job);
    status(`${plural(pages, "page")} in it; more are being read, also when this is closed.`);
    await pause(LOOK);
    if (!dialog.open) return undefined;
  }
}

// What was taken and what was passed over.
async function told({ added, passed_over: passed, message }) {
  const { pages } = await look();
  const rest = passed.slice(0, 3).join(" ");
  const left = passed.length ? ` ${count(passed.length)} passed over: ${rest}${passed.length > 3 ? " …" : ""}` : "";
  status(`${plural(added, "page")} added, ${count(pages)} in it now.${left}${message ? ` ${message}` : ""}`);
}

by("archive-files").addEventListener("submit", (event) => {
  event.preventDefault();
  const form = event.target;
  if (!form.elements.file.files.length) return form.elements.file.focus();
  const body = new FormData(form);
  return add(form, () => upload(body));
});

by("archive-sitemap").addEventListener("submit", (event) => {
  event.preventDefault();
  const form = event.target;
  const sitemap = form.elements.sitemap.value.trim();
  if (!sitemap) return form.elements.sitemap.focus();
  return add(form, () => api("POST", "/v1/archive", { sitemap }));
});

async function upload(body) {
  const answer = await fetch("/v1/archive", { method: "POST", body, headers: { Accept: "application/json" } });
  const json = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Trouble(json.error?.message ?? `The desk answered ${answer.status}.`, { status: answer.status });
  return json;
}

dialog.querySelector("[data-remove]").addEventListener("click", async () => {
  await ask("Remove the archive?", { says: "Submissions are then compared with each other only. The pages themselves are not touched.", yes: "Remove it", danger: true });
  await api("DELETE", "/v1/archive");
  say("The archive is empty.");
  await look();
});

by("open-archive").addEventListener("click", open);
