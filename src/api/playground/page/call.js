// A tool call in an answer: its name, its arguments as they grow, and the result that the user writes.

import { element, icon } from "./element.js";

export class CallView {
  constructor(call, onResult) {
    this._call = call;
    this._name = element("strong");
    this._arguments = element("code");
    this._given = element("pre", { class: "result", hidden: true, "aria-label": "Result", tabindex: "0" });
    this._field = element("textarea", { rows: 2, placeholder: "What the tool gave back", oninput: () => this._type(onResult) });
    this._label = element("label", { hidden: true }, "Result", this._field);
    this.element = element(
      "section",
      { class: "call" },
      element("h3", {}, icon("tool"), this._name),
      element("pre", { tabindex: "0", "aria-label": "Arguments" }, this._arguments),
      ...[this._given, this._label],
    );
  }

  show(open, running) {
    this._name.textContent = this._call.name;
    this.element.setAttribute("aria-label", `Call of ${this._call.name}`);
    setText(this._arguments, running ? this._call.arguments : pretty(this._call.arguments));
    this._label.hidden = !open;
    if (open && this._field.value === "") this._field.value = this._call.draft ?? "";
    this._given.hidden = open || this._call.result === null;
    setText(this._given, this._call.result ?? "");
  }

  keep() {
    this._call.result = this._field.value;
    delete this._call.draft;
  }

  _type(onResult) {
    this._call.draft = this._field.value;
    onResult();
  }
}

function setText(place, words) {
  if (place.textContent !== words) place.textContent = words;
}

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
