// What was said, and how it is to be answered: kept in the browser, and turned into a request.

import { getObject, setObject } from "./storage.js";
import { toolsIn } from "./tools.js";

const NAME = "conversation";
const NO_RESULT = "No result was given.";

export class Conversation {
  constructor() {
    const kept = getObject(NAME) ?? {};
    this.turns = Array.isArray(kept.turns) ? kept.turns.filter(isTurn) : [];
    this.options = { model: "", strategy: "auto", system: "", temperature: "", maxTokens: "", effort: "", tools: "", ...kept.options };
  }

  get last() {
    return this.turns.at(-1);
  }

  save() {
    setObject(NAME, { turns: this.turns, options: this.options });
  }

  clear() {
    this.turns = [];
    this.save();
  }

  toWire() {
    return requestOf(this.turns, this.options);
  }
}

function isTurn(turn) {
  if (turn?.role === "user") return typeof turn.text === "string";
  return turn?.role === "assistant" && typeof turn.text === "string" && Array.isArray(turn.calls);
}

export function requestOf(turns, options) {
  const system = options.system.trim() ? [{ role: "system", content: options.system }] : [];
  const request = { model: options.model || "swarm", messages: [...system, ...turns.flatMap(messagesOf)] };
  // A model's own name would ask that model once.
  if (options.strategy !== "auto" || request.model !== "swarm") request.swarm = { strategy: options.strategy };
  if (options.temperature !== "") request.temperature = Number(options.temperature);
  if (options.maxTokens !== "") request.max_tokens = Number(options.maxTokens);
  if (options.effort) request.reasoning_effort = options.effort;
  const tools = toolsIn(options.tools);
  if (tools.length) request.tools = tools;
  return request;
}

function messagesOf(turn) {
  if (turn.role === "user") return [{ role: "user", content: turn.text }];
  const said = { role: "assistant", content: turn.text || null };
  if (turn.thinking) said.reasoning_content = turn.thinking;
  // A call that broke off is not one.
  const calls = turn.finish === "tool_calls" ? turn.calls : [];
  if (!calls.length) return turn.text ? [said] : [];
  said.tool_calls = calls.map(({ id, name, arguments: text }) => ({ id, type: "function", function: { name, arguments: text } }));
  return [said, ...calls.map((call) => ({ role: "tool", tool_call_id: call.id, content: call.result ?? NO_RESULT }))];
}
