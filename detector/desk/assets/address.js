// What is shown stands in the address: the filters, the open submission, its tab. The way back works, a view can be kept.
// The part after "#" is left to the text's own places.

const query = (parameters) => {
  const kept = Object.entries(parameters).filter(([, value]) => value !== null && value !== undefined && value !== "");
  return `?${new URLSearchParams(kept)}`;
};

export const current = () => Object.fromEntries(new URLSearchParams(location.search));

// The address of this view with some of it changed; null takes a part out.
export const withChanges = (changes) => query({ ...current(), ...changes });

export function go(changes, replace = false) {
  move(withChanges(changes), replace);
}

function move(search, replace) {
  if (search === (location.search || "?")) return;
  history[replace ? "replaceState" : "pushState"](null, "", search);
  dispatchEvent(new Event("moved"));
}

// Links within the desk are real links; a plain click need not load the page again.
addEventListener("click", (event) => {
  const link = event.target.closest?.('a[href^="?"]');
  if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  move(link.getAttribute("href"), false);
});

let shown = location.search;
addEventListener("moved", () => {
  shown = location.search;
});
addEventListener("popstate", () => {
  if (location.search !== shown) dispatchEvent(new Event("moved")); // else only a place of the text
});
