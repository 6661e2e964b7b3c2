// The turns of a conversation on the page.

import { inNumbers, isEmpty, waitsForResults } from "./answer.js";
import { copyButton } from "./copy.js";
import { button, element } from "./element.js";
import { CallView } from "./call.js";
import { Markdown } from "./markdown.js";
import { VerdictView } from "./verdict.js";

export class UserTurn {
  constructor(turn) {
    this.element = element("article", { class: "turn user", "aria-label": "You" }, element("p", {}, turn.text));
  }

  show() {}
}

export class AnswerTurn {
  constructor(turn, actions) {
    this._turn = turn;
    this._actions = actions;
    this._text = new Markdown();
    this._calls = [];
    this._thinking = new Thinking();
    this._wait = element("div", { class: "wait" });
    this._callList = element("div", { class: "calls" });
    this._error = element("div", { class: "error", role: "alert", hidden: true });
    this._verdict = new VerdictView();
    this._numbers = element("span", { class: "numbers" });
    this._buttons = element("span", { class: "buttons" });
    this._foot = element("footer", {}, this._numbers, this._buttons);
    this.element = element(
      "article",
      { class: "turn answer", "aria-label": `Answer of ${turn.model}` },
      ...[this._thinking.element, this._text.element, this._callList, this._wait, this._error, this._verdict.element, this._foot],
    );
  }

  // `waiting`: words while there is nothing to show yet, and how far a loading is.
  show({ running = false, last = false, waiting = null } = {}) {
    const turn = this._turn;
    this.element.setAttribute("aria-busy", String(running));
    this.element.classList.toggle("running", running && !turn.calls.length && Boolean(turn.text));
    this._thinking.show(turn, running);
    this._text.show(turn.text);
    this._showCalls(running, last);
    this._showWait(running, waiting);
    this._showError(last && !running);
    this._verdict.show(turn.swarm);
    this._numbers.textContent = running ? "" : inNumbers(turn);
    this._showButtons(running, last);
  }

  _showCalls(running, last) {
    const open = last && !running && waitsForResults(this._turn);
    this._turn.calls.forEach((call, at) => {
      if (!this._calls[at]) {
        this._calls[at] = new CallView(call, () => this._actions.giveResult());
        this._callList.append(this._calls[at].element);
      }
      this._calls[at].show(open, running);
    });
    const more = this._callList.querySelector(":scope > .main");
    if (open && !more) this._callList.append(button("Continue with these results", () => this._continue(), { kind: "main" }));
    if (!open) more?.remove();
  }

  _continue() {
    for (const view of this._calls) view.keep();
    this._actions.continue();
  }

  _showWait(running, waiting) {
    if (!running || !isEmpty(this._turn)) {
      this._wait.replaceChildren();
      return;
    }
    const words = waiting?.words ?? "Reading the prompt";
    const percent = waiting?.percent ?? null;
    if (this._wait.textContent === words && percent === null) return;
    const bar = percent === null ? "" : element("progress", { max: 100, value: percent, "aria-label": "Loading" });
    this._wait.replaceChildren(element("span", { class: "pulse" }, words), bar);
  }

  _showError(last) {
    const { error } = this._turn;
    this._error.hidden = !error;
    if (!error) return;
    this._error.replaceChildren(element("p", {}, error), last ? button("Try again", this._actions.regenerate) : "");
  }

  _showButtons(running, last) {
    const again = last && !running && !this._turn.error;
    this._buttons.replaceChildren(
      !running && this._turn.text ? copyButton(() => this._turn.text) : "",
      again ? button("Again", this._actions.regenerate, { symbol: "again", kind: "plain small" }) : "",
    );
  }
}

class Thinking {
  constructor() {
    this._head = element("summary");
    this._body = element("p");
    this._chosen = false;
    this.element = element("details", { class: "thinking", hidden: true }, this._head, this._body);
    // Whoever has opened or closed it keeps it so.
    this._head.addEventListener("click", () => (this._chosen = true));
  }

  show(turn, running) {
    this.element.hidden = !turn.thinking;
    if (!turn.thinking) return;
    const thinks = running && !turn.spoke;
    const seconds = ((turn.spoke ?? turn.ended) - turn.began) / 1000;
    this._head.textContent = thinks ? "Thinking" : `Thought for ${seconds.toFixed(1)} s`;
    this._head.classList.toggle("pulse", thinks);
    if (this._body.textContent !== turn.thinking) this._body.textContent = turn.thinking;
    if (!this._chosen) this.element.open = thinks;
  }
}
