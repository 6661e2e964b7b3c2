// Light, dark, or as the system has it.

import { byId, say } from "./element.js";
import { getText, setText } from "./storage.js";

const THEMES = { "": ["half", "as the system"], light: ["sun", "light"], dark: ["moon", "dark"] };

export function setUpTheme() {
  const chosen = getText("theme");
  show(chosen in THEMES ? chosen : "");
  byId("theme").addEventListener("click", () => {
    const names = Object.keys(THEMES);
    const next = names[(names.indexOf(document.documentElement.dataset.theme ?? "") + 1) % names.length];
    setText("theme", next || null);
    show(next);
    say(byId("theme").title);
  });
}

function show(name) {
  const [symbol, words] = THEMES[name];
  if (name) document.documentElement.dataset.theme = name;
  else delete document.documentElement.dataset.theme;
  const button = byId("theme");
  button.title = `Colours: ${words}`;
  button.setAttribute("aria-label", button.title);
  button.querySelector("use").setAttribute("href", `/playground/icons.svg#${symbol}`);
}
