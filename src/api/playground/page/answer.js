// One answer while it comes: chunks of the stream are taken in, one after the other.

export function newAnswer(model, now) {
  return {
    role: "assistant",
    model,
    text: "",
    thinking: "",
    calls: [],
    finish: null,
    usage: null,
    // What the swarm tells about how it came to this answer.
    swarm: null,
    error: null,
    stopped: false,
    asked: now,
    began: null,
    spoke: null,
    ended: null,
  };
}

export function take(answer, chunk, now) {
  if (chunk.usage) answer.usage = chunk.usage;
  if (chunk.swarm && typeof chunk.swarm === "object") answer.swarm = { ...answer.swarm, ...chunk.swarm };
  const choice = chunk.choices?.[0];
  if (!choice) return;
  const delta = choice.delta ?? {};
  if (delta.reasoning_content || delta.content || delta.tool_calls?.length) takeDelta(answer, delta, now);
  if (choice.finish_reason) answer.finish = choice.finish_reason;
}

function takeDelta(answer, delta, now) {
  answer.began ??= now;
  answer.ended = now;
  if (delta.reasoning_content) answer.thinking += delta.reasoning_content;
  if (delta.content || delta.tool_calls?.length) answer.spoke ??= now;
  answer.text += delta.content ?? "";
  for (const piece of delta.tool_calls ?? []) takeCall(answer.calls, piece);
}

function takeCall(calls, piece) {
  const call = (calls[piece.index] ??= { id: "", name: "", arguments: "", result: null });
  if (piece.id) call.id = piece.id;
  if (piece.function?.name) call.name = piece.function.name;
  call.arguments += piece.function?.arguments ?? "";
}

export const isEmpty = (answer) => !answer.text && !answer.thinking && !answer.calls.length;
export const waitsForResults = (answer) => answer.finish === "tool_calls" && answer.calls.some((call) => call.result === null);

// The first token came with the first event; the others took the time from there to the last.
export function speed(answer) {
  const seconds = (answer.ended - answer.began) / 1000;
  const tokens = (answer.usage?.completion_tokens ?? 0) - 1;
  return tokens > 0 && seconds > 0.02 ? tokens / seconds : null;
}

const count = (number) => number.toLocaleString("en");

export function inNumbers(answer) {
  const words = [];
  const { usage } = answer;
  if (usage) {
    const cached = usage.prompt_tokens_details?.cached_tokens;
    words.push(`${count(usage.completion_tokens)} tokens`);
    const rate = speed(answer);
    if (rate) words.push(`${rate.toFixed(rate < 100 ? 1 : 0)} tokens/s`);
    words.push(`${count(usage.prompt_tokens)} read${cached ? `, ${count(cached)} of them known` : ""}`);
  }
  if (answer.began) words.push(`first after ${((answer.began - answer.asked) / 1000).toFixed(2)} s`);
  if (answer.stopped) words.push("stopped");
  if (answer.finish === "length") words.push("cut at the longest answer allowed");
  // A number stays with its unit.
  return words.map((word) => word.replace(/(\d) /g, "$1\u00a0")).join(" · ");
}
