// The way in: a token, for which the browser gets a cookie that no script can read.

const form = document.querySelector("form");
const field = document.getElementById("token");
const wrong = document.getElementById("wrong");

// what the page was asked to show before it asked for a token: a query of its own, never another address
const to = new URLSearchParams(location.search).get("to") ?? "";

const SILENT = "The desk does not answer. Is it still running?";

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  wrong.textContent = "";
  try {
    const answer = await fetch("/login", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ token: field.value.trim() }),
    });
    if (answer.ok) return location.assign(to.startsWith("?") ? `/${to}` : "/");
    wrong.textContent = (await answer.json()).error.message;
  } catch {
    wrong.textContent = SILENT;
  }
  field.setAttribute("aria-invalid", "true");
  return field.select();
});
