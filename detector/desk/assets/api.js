// The desk's API as the page uses it: JSON in, JSON out, errors in words.

export class Trouble extends Error {
  // status: of the answer, 0 without one. after: seconds to wait where the desk says so.
  constructor(message, { status = 0, kind = "network", after = null } = {}) {
    super(message);
    this.name = "Trouble";
    Object.assign(this, { status, kind, after });
  }

  // Whether the same may well go through a little later.
  get passing() {
    return [0, 429, 502, 503, 504].includes(this.status);
  }
}

const SILENT = "The desk does not answer. Is it still running?";

// One call. The answer is the JSON of the body, text of any other kind, null without a body.
export async function api(method, path, body) {
  const options = { method, headers: { Accept: "application/json, text/html" } };
  if (body !== undefined) {
    options.headers["Content-Type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  let answer;
  let text;
  try {
    answer = await fetch(path, options);
    text = await answer.text();
  } catch {
    throw new Trouble(SILENT);
  }
  return understood(answer.status, text, (name) => answer.headers.get(name));
}

// One call that tells how much has been sent, as a share from 0 to 1. body: FormData, or what becomes JSON.
export function send(path, body, key, progress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", path);
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("Idempotency-Key", key);
    request.upload.addEventListener("progress", (event) => event.lengthComputable && progress(event.loaded / event.total));
    request.addEventListener("error", () => reject(new Trouble(SILENT)));
    request.addEventListener("load", () => {
      try {
        resolve(understood(request.status, request.responseText, (name) => request.getResponseHeader(name)));
      } catch (error) {
        reject(error);
      }
    });
    if (!(body instanceof FormData)) request.setRequestHeader("Content-Type", "application/json");
    request.send(body instanceof FormData ? body : JSON.stringify(body));
  });
}

function understood(status, text, header) {
  const json = (header("Content-Type") ?? "").includes("json");
  if (status >= 200 && status < 300) return json ? JSON.parse(text) : text || null;
  if (status === 401) location.assign(`/login?${new URLSearchParams({ to: location.search })}`); // the token has been changed
  const { kind = "error", message = `The desk answered ${status}.` } = (json && JSON.parse(text).error) || {};
  throw new Trouble(message, { status, kind, after: Number(header("Retry-After")) || null });
}

export const pause = (seconds) => new Promise((resolve) => setTimeout(resolve, 1000 * seconds));
