// What the node says of its own API.

import { ApiError } from "./api.js";
import { getKey } from "./storage.js";

export async function description() {
  const key = getKey();
  let response;
  try {
    response = await fetch("/openapi.json", { headers: key ? { Authorization: `Bearer ${key}` } : {}, cache: "no-store" });
  } catch {
    throw new ApiError("The node cannot be reached. Is it still running?");
  }
  if (!response.ok) throw new ApiError(`The node answered with the status ${response.status}.`, { status: response.status });
  return response.json();
}
