// The node's API: requests with the key, and errors in words.

import { events } from "./events.js";
import { getKey } from "./storage.js";

export class ApiError extends Error {
  constructor(message, { status = 0, code = "", retryAfter = 2 } = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.retryAfter = retryAfter;
  }
}

export const models = async () => (await (await ask("/v1/models")).json()).data;
export const verdictOf = async (id) => (await ask(`/v1/swarm/requests/${encodeURIComponent(id)}`)).json();
export const health = async () => (await ask("/health")).json();

export async function* chat(body, signal) {
  const response = await ask("/v1/chat/completions", { ...body, stream: true, stream_options: { include_usage: true } }, signal);
  try {
    for await (const data of events(response.body)) {
      if (data === "[DONE]") return;
      const chunk = parsed(data);
      if (chunk.error) throw errorOf(chunk, 0, response.headers);
      yield chunk;
    }
  } catch (error) {
    throw error instanceof ApiError || error.name === "AbortError" ? error : lost();
  }
}

async function ask(path, body, signal) {
  const key = getKey();
  const headers = key ? { Authorization: `Bearer ${key}` } : {};
  const request = body ? { method: "POST", body: JSON.stringify(body) } : {};
  if (body) headers["Content-Type"] = "application/json";
  let response;
  try {
    response = await fetch(path, { ...request, headers, signal, cache: "no-store" });
  } catch (error) {
    throw error.name === "AbortError" ? error : lost();
  }
  if (response.ok) return response;
  throw errorOf(await response.json().catch(() => ({})), response.status, response.headers);
}

function parsed(data) {
  try {
    return JSON.parse(data);
  } catch {
    throw new ApiError("The node sent something that is not JSON.");
  }
}

function errorOf(body, status, headers) {
  // Errors of the API have an object; /health says it in two fields.
  const told = body.error && typeof body.error === "object" ? body.error : { message: body.message, code: body.status };
  return new ApiError(told.message || `The node answered with the status ${status}.`, {
    status,
    code: told.code || "",
    retryAfter: Number(headers.get("Retry-After")) || 2,
  });
}

const lost = () => new ApiError("The node cannot be reached. Is it still running?", { code: "unreachable" });

// Loading is told in percent, inside the sentence.
export function percentIn(words) {
  const found = /(\d{1,3}) ?%/.exec(words);
  return found ? Number(found[1]) : null;
}
