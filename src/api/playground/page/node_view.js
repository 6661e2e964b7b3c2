// The node in the header: one quiet line, and a panel with the numbers.

import { button, byId, element, say } from "./element.js";
import { isWhole } from "./names.js";

const WORDS = {
  looking: "Looking for the node",
  ready: "Ready",
  loading: "Loading",
  failing: "Not able to answer",
  down: "Not reachable",
  locked: "Key needed",
};
const count = (number) => Number(number ?? 0).toLocaleString("en");

export class NodeView {
  constructor() {
    this._root = byId("node");
    this._word = this._root.querySelector(".node-word");
    this._brief = this._root.querySelector(".node-brief");
    this._panel = this._root.querySelector(".node-panel");
    this._root.addEventListener("keydown", (event) => event.key === "Escape" && this._close(event));
    document.addEventListener("click", (event) => !this._root.contains(event.target) && (this._root.open = false));
  }

  show(node) {
    const { kind, percent } = node.state;
    const word = kind === "loading" && percent !== null ? `Loading, ${percent} %` : WORDS[kind];
    if (this._root.dataset.kind !== kind) say(WORDS[kind]);
    this._root.dataset.kind = kind;
    setText(this._word, word);
    setText(this._brief, kind === "ready" ? brief(node) : "");
    this._showPanel(node);
  }

  // Built anew it would lose the focus and what is selected in it.
  _showPanel(node) {
    const told = JSON.stringify([node.state, node.models]);
    if (told === this._told) return;
    this._told = told;
    this._panel.replaceChildren(...panel(node));
  }

  _close(event) {
    if (!this._root.open) return;
    event.stopPropagation();
    this._root.open = false;
    this._root.querySelector("summary").focus();
  }
}

function setText(place, words) {
  if (place.textContent !== words) place.textContent = words;
}

const named = (models) => models.filter((model) => !isWhole(model.id));

function brief(node) {
  const names = named(node.models).map((model) => model.id);
  const busy = node.state.load?.running;
  return [names.length > 2 ? `${names.length} models` : names.join(", "), busy ? `${busy} answering` : ""].filter(Boolean).join(" · ");
}

function panel(node) {
  const { kind, message, percent, load } = node.state;
  if (kind === "locked") return [element("p", {}, "This node answers only to those who have its key."), button("Enter the key", () => node.unlock())];
  if (kind !== "ready") {
    const bar = percent === null ? null : element("progress", { max: 100, value: percent, "aria-label": "Loading" });
    return [element("p", {}, message || "Just a moment."), bar ?? ""];
  }
  const models = named(node.models).length ? named(node.models) : node.models;
  return [...models.flatMap(modelRows), table(loadRows(load))];
}

function modelRows(model) {
  const rows = [
    ["context", `${count(model.context_length)} tokens`],
    ["seats", count(model.seats)],
  ];
  const notes = (model.notes ?? []).map((note) => element("p", { class: "quiet" }, note));
  return [element("h2", {}, model.id), table(rows), ...notes];
}

function loadRows(load) {
  return [
    ["answering", count(load?.running)],
    ["waiting", count(load?.waiting)],
    ["cells in use", `${count(load?.cells_used)} of ${count(load?.cells)}`],
    ["cells cached", count(load?.cells_cached)],
  ];
}

function table(rows) {
  return element("dl", {}, ...rows.flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)]));
}
