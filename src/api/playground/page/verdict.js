// How an answer was chosen: one line, which unfolds to those that were asked and what they said.

import { verdictOf } from "./api.js";
import { element } from "./element.js";

const KINDS = { tool_call: "tool call", json: "JSON", short: "short answer", code: "code", prose: "prose" };
const METHODS = {
  vote: "Chosen by vote",
  tie: "Chosen from a tie",
  select: "Chosen as the best",
  synth: "Written out of several",
};
const GONE = "What they said is not kept any more.";

const percent = (share) => `${Math.round(share * 100)} %`;
const seconds = (number) => `${number.toFixed(number < 10 ? 1 : 0)} s`;

export function inOneLine(swarm) {
  const winner = swarm.ballots?.[swarm.winner];
  if (!winner) return warningsIn(swarm);
  const by = `${winner.seat} (${winner.model})`;
  const words = swarm.method === "single" ? [`Answered by ${by}`] : inWords(swarm, by);
  return [...words, swarm.warnings?.length ? warningsIn(swarm) : ""].filter(Boolean).join(" · ");
}

function inWords(swarm, by) {
  return [
    `${METHODS[swarm.method] ?? swarm.method}: ${by}`,
    KINDS[swarm.kind] ?? swarm.kind,
    `${swarm.valid} of ${swarm.requested} valid`,
    swarm.agreement === null ? "" : `${percent(swarm.agreement)} agree`,
    swarm.confidence === null ? "" : `${percent(swarm.confidence)} sure`,
    swarm.early_stop ? "decided early" : "",
  ];
}

const warningsIn = (swarm) => (swarm.warnings?.length ? `Warning: ${swarm.warnings.join(" ")}` : "");

export class VerdictView {
  constructor() {
    this._head = element("summary");
    this._body = element("div");
    this.element = element("details", { class: "swarm quiet", hidden: true, ontoggle: () => this._unfold() }, this._head, this._body);
  }

  show(swarm) {
    const line = swarm ? inOneLine(swarm) : "";
    this.element.hidden = !line;
    if (this._head.textContent === line && this._swarm === swarm) return;
    this._swarm = swarm;
    this._head.textContent = line;
    this._body.replaceChildren(swarm?.ballots ? table(swarm) : "");
    // What only warns has nothing to unfold.
    this.element.classList.toggle("plain", !swarm?.ballots);
  }

  // What they said is asked for when somebody wants to know it.
  async _unfold() {
    const swarm = this._swarm;
    if (!this.element.open || !swarm?.ballots || this._asked === swarm.id) return;
    this._asked = swarm.id;
    const found = await verdictOf(swarm.id).catch((error) => ({ problem: error.status === 404 ? GONE : error.message }));
    if (this._swarm?.id === swarm.id) this._body.append(...said(found));
  }
}

function table(swarm) {
  const head = ["", "Seat", "Model", "Said the same", "Weight", "Time", "Tokens"].map((word) => element("th", { scope: "col" }, word));
  const rows = swarm.ballots.map((ballot, at) => element("tr", {}, ...cells(swarm, ballot, at).map((word) => element("td", {}, word))));
  return element("table", {}, element("thead", {}, element("tr", {}, ...head)), element("tbody", {}, ...rows));
}

function cells(swarm, { seat, model, valid, why, group, weight, seconds: time, tokens }, at) {
  const mark = at === swarm.winner ? "Won" : at === swarm.runner_up ? "Second" : "";
  const same = valid ? groupLetter(group) : `no vote: ${why}`;
  return [mark, seat, model, same, weight.toFixed(2), seconds(time), String(tokens)];
}

const groupLetter = (group) => (group === null ? "" : String.fromCharCode(65 + (group % 26)));

function said(found) {
  if (found.problem) return [element("p", {}, found.problem)];
  const known = found.ballots.filter((ballot) => ballot.message);
  if (!known.length) return [element("p", {}, GONE)];
  return known.map(({ seat, message }) => element("section", {}, element("h3", {}, seat), element("pre", { tabindex: "0", "aria-label": `What ${seat} said` }, inText(message))));
}

function inText({ text, calls }) {
  return [text, ...calls.map((call) => `${call.name}(${call.arguments})`)].filter(Boolean).join("\n") || "(nothing)";
}
