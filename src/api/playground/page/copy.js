// Copying, also where the browser has no clipboard for pages: over plain HTTP that is everywhere but on localhost.

import { button, element, say } from "./element.js";

const SHOWN_MILLISECONDS = 1500;

export function copyButton(textOf, kind = "plain small") {
  const made = button("Copy", async () => {
    const done = await copy(textOf(), made.parentElement);
    made.lastChild.textContent = done ? "Copied" : "Select it by hand";
    say(made.textContent);
    setTimeout(() => (made.lastChild.textContent = "Copy"), SHOWN_MILLISECONDS);
  }, { symbol: "copy", kind });
  return made;
}

async function copy(text, place) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelecting(text, place);
  }
}

function copyBySelecting(text, place) {
  // Within the same dialog: what is outside an open one cannot be selected.
  const before = document.activeElement;
  const field = element("textarea", { class: "unseen", readonly: true, "aria-hidden": "true" });
  field.value = text;
  place.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  before?.focus();
  return done;
}
