// The conversation on the page: it follows what is written, unless the reader has scrolled away.

import { byId } from "./element.js";
import { AnswerTurn, UserTurn } from "./turns.js";

const NEAR_PIXELS = 60;

export class ConversationView {
  constructor(conversation, actions) {
    this._conversation = conversation;
    this._actions = actions;
    this._list = byId("conversation");
    this._scroll = byId("scroll");
    this._views = new Map();
    this._frame = null;
  }

  // At most once for each picture on the screen, however many deltas come.
  showSoon(running, waiting) {
    this._next = [running, waiting];
    this._frame ??= requestAnimationFrame(() => this.show(...this._next));
  }

  show(running, waiting = null) {
    cancelAnimationFrame(this._frame);
    this._frame = null;
    const follow = this._isAtEnd();
    const { turns } = this._conversation;
    this._dropAllBut(turns);
    turns.forEach((turn, at) => this._showTurn(turn, at === turns.length - 1, running, waiting));
    byId("welcome").hidden = turns.length > 0;
    if (follow) this._scroll.scrollTop = this._scroll.scrollHeight;
  }

  goToEnd() {
    this._scroll.scrollTop = this._scroll.scrollHeight;
  }

  _showTurn(turn, last, running, waiting) {
    let view = this._views.get(turn);
    const fresh = !view;
    if (fresh) {
      view = turn.role === "user" ? new UserTurn(turn) : new AnswerTurn(turn, this._actions);
      this._views.set(turn, view);
      this._list.append(view.element);
    }
    // Only the last one and the one before it can have changed.
    if (fresh || last || view.wasLast) view.show({ last, running: last && running, waiting });
    view.wasLast = last;
  }

  _dropAllBut(turns) {
    const kept = new Set(turns);
    for (const [turn, view] of this._views) {
      if (kept.has(turn)) continue;
      view.element.remove();
      this._views.delete(turn);
    }
  }

  _isAtEnd() {
    const { scrollTop, scrollHeight, clientHeight } = this._scroll;
    return scrollHeight - scrollTop - clientHeight < NEAR_PIXELS;
  }
}
