// The state of the node: asked for again and again, quicker while it is loading, not at all while nobody looks.

import { health, models, percentIn } from "./api.js";
import { askForKey } from "./key.js";

const PAUSES = { ready: 4000, loading: 1000, failing: 3000, down: 3000, locked: 15000 };
// The list of models changes rarely.
const MODELS_EVERY = 8;

export class Node {
  constructor(onChange) {
    this.state = { kind: "looking", message: "", percent: null, load: null };
    this.models = [];
    this._onChange = onChange;
    this._rounds = 0;
    this._mayAsk = true;
    this._timer = null;
  }

  start() {
    document.addEventListener("visibilitychange", () => !document.hidden && this.look());
    return this.look();
  }

  // Now, instead of after the pause.
  async look() {
    clearTimeout(this._timer);
    this.state = await this._ask();
    this._onChange(this);
    clearTimeout(this._timer);
    if (!document.hidden) this._timer = setTimeout(() => this.look(), PAUSES[this.state.kind]);
  }

  async unlock() {
    if (await askForKey()) await this.look();
  }

  async _ask() {
    try {
      const { load } = await health();
      if (this.state.kind !== "ready" || this._rounds++ % MODELS_EVERY === 0) this.models = await models();
      this._mayAsk = true;
      return { kind: "ready", message: "", percent: null, load };
    } catch (error) {
      if (error.status === 401) this._askOnce();
      return { kind: kindOf(error), message: error.message, percent: percentIn(error.message), load: null };
    }
  }

  // Who has put it off is not asked by every look again.
  async _askOnce() {
    if (!this._mayAsk) return;
    this._mayAsk = false;
    if (await askForKey()) {
      this._mayAsk = true;
      this.look();
    }
  }

  contextOf(id) {
    return this.models.find((model) => model.id === id)?.context_length ?? null;
  }
}

function kindOf(error) {
  if (error.status === 401) return "locked";
  if (error.code === "model_loading") return "loading";
  return error.status ? "failing" : "down";
}
