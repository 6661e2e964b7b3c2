// DOM nodes from data. Text is only ever set as text, so nothing that a model writes can become markup.

const SVG = "http://www.w3.org/2000/svg";

export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}

export function icon(name) {
  const picture = document.createElementNS(SVG, "svg");
  picture.setAttribute("class", "icon");
  picture.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `/playground/icons.svg#${name}`);
  picture.append(use);
  return picture;
}

export function button(words, action, { symbol = "", kind = "" } = {}) {
  return element("button", { type: "button", class: kind, onclick: action }, symbol ? icon(symbol) : null, words);
}

export const byId = (id) => document.getElementById(id);

export function say(words) {
  byId("spoken").textContent = words;
}
