// The way in: a token, for which the browser gets a cookie that no script can read.

const form = document.querySelector("form");
const field = document.getElementById("token");
const wrong = document.getElementById("wrong");

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
    if (answer.ok) return location.assign("/");
    wrong.textContent = (await answer.json()).error.message;
  } catch {
    wrong.textContent = SILENT;
  }
  field.setAttribute("aria-invalid", "true");
  return field.select();
});
