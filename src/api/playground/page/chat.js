// Asking and answering: one answer at a time, with patience for a node that cannot answer yet.

import { ApiError, chat, percentIn } from "./api.js";
import { isEmpty, newAnswer, take } from "./answer.js";
import { askForKey } from "./key.js";

// A model that loads is waited for as long as it takes; other reasons for "later" are not.
const MOST_TRIES = 6;

export class Chat {
  // `onChange(waiting)` is called whenever there is something new to show.
  constructor(conversation, onChange) {
    this._conversation = conversation;
    this._onChange = onChange;
    this._stopping = null;
  }

  get running() {
    return this._stopping !== null;
  }

  async ask(text) {
    this._conversation.turns.push({ role: "user", text });
    await this.answer();
  }

  async regenerate() {
    if (this._conversation.last?.role === "assistant") this._conversation.turns.pop();
    await this.answer();
  }

  stop() {
    this._stopping?.abort();
  }

  async answer() {
    if (this.running) return;
    const { turns, options } = this._conversation;
    const body = this._conversation.toWire();
    const answer = newAnswer(options.model || "swarm", performance.now());
    turns.push(answer);
    this._stopping = new AbortController();
    this._onChange(null);
    try {
      await this._tryUntilAnswered(answer, body, this._stopping.signal);
    } catch (error) {
      this._note(answer, error);
    } finally {
      this._stopping = null;
      this._conversation.save();
      this._onChange(null);
    }
  }

  async _tryUntilAnswered(answer, body, signal) {
    for (let tries = 1; ; tries += 1) {
      try {
        return await this._read(answer, body, signal);
      } catch (error) {
        if (!(error instanceof ApiError) || !isEmpty(answer)) throw error;
        await this._beforeNextTry(error, tries, signal);
        answer.asked = performance.now();
      }
    }
  }

  // Returns when another try makes sense, and throws the error when none does.
  async _beforeNextTry(error, tries, signal) {
    if (error.status === 401 && (await askForKey())) return;
    const patient = error.code === "model_loading" || tries < MOST_TRIES;
    if (error.status !== 503 || !patient) throw error;
    this._onChange({ words: error.message, percent: percentIn(error.message) });
    await pause(error.retryAfter * 1000, signal);
  }

  async _read(answer, body, signal) {
    for await (const chunk of chat(body, signal)) {
      take(answer, chunk, performance.now());
      this._onChange(null);
    }
    if (!answer.finish) throw new ApiError("The answer broke off before its end.");
  }

  _note(answer, error) {
    if (error.name === "AbortError") answer.stopped = true;
    else if (error instanceof ApiError) answer.error = error.message;
    else throw error;
  }
}

function pause(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}
