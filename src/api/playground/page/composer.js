// Where the user writes: the field, its buttons, the model, the way of answering, and how much of the context is used.

import { byId, element } from "./element.js";
import { saysHow } from "./names.js";

export class Composer {
  constructor(conversation, { send, stop }) {
    this._conversation = conversation;
    this._field = byId("question");
    this._send = send;
    byId("composer").addEventListener("submit", (event) => {
      event.preventDefault();
      this._submit();
    });
    this._field.addEventListener("keydown", (event) => this._key(event));
    this._field.addEventListener("input", () => this._fit());
    byId("stop").addEventListener("click", stop);
    for (const name of ["model", "strategy"]) {
      byId(name).addEventListener("change", (event) => {
        conversation.options[name] = event.target.value;
        conversation.save();
      });
    }
    byId("strategy").value = conversation.options.strategy;
  }

  show(running, node) {
    const button = byId(running ? "stop" : "send");
    const other = byId(running ? "send" : "stop");
    // Focus must not fall off the page with the button that had it.
    const hadFocus = document.activeElement === other;
    button.hidden = false;
    other.hidden = true;
    if (hadFocus) this._field.focus();
    this._showContext(node);
  }

  showModels(models) {
    const select = byId("model");
    // The way of answering has a place of its own.
    const ids = models.map((model) => model.id).filter((id) => !saysHow(id));
    if (!ids.length || [...select.options].map((option) => option.value).join("\n") === ids.join("\n")) return;
    select.replaceChildren(...ids.map((id) => element("option", {}, id)));
    const { options } = this._conversation;
    if (!ids.includes(options.model)) options.model = ids[0];
    select.value = options.model;
  }

  _showContext(node) {
    const place = byId("context");
    const context = node.contextOf(this._conversation.options.model);
    const usage = this._conversation.turns.findLast((turn) => turn.usage)?.usage;
    place.hidden = !context || !usage;
    if (place.hidden) return;
    const used = usage.prompt_tokens + usage.completion_tokens;
    place.querySelector("progress").value = used / context;
    place.querySelector("span").textContent = `${used.toLocaleString("en")} of ${context.toLocaleString("en")} tokens`;
  }

  _submit() {
    const text = this._field.value.trim();
    if (!text || !byId("stop").hidden) return;
    this._field.value = "";
    this._fit();
    this._send(text);
  }

  _key(event) {
    // While characters are composed, Enter belongs to the input method.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this._submit();
  }

  _fit() {
    this._field.style.height = "auto";
    this._field.style.height = `${this._field.scrollHeight}px`;
  }
}
