// The tools that the user types, and what is wrong with them in the eyes of the API.

const NAME = /^[A-Za-z0-9_.-]{1,128}$/;
const NONE = "Until then none are sent.";

export function toolsIn(text) {
  return problemOfTools(text) || !text.trim() ? [] : JSON.parse(text);
}

export function problemOfTools(text) {
  if (!text.trim()) return "";
  let tools;
  try {
    tools = JSON.parse(text);
  } catch (error) {
    return `This is not JSON, so no tools are sent: ${error.message}`;
  }
  const right = Array.isArray(tools) && tools.every((tool) => tool?.type === "function" && isObject(tool.function));
  if (!right) return `Each tool must be {"type": "function", "function": {"name": ...}}, in an array. ${NONE}`;
  const problem = problemOfNames(tools) || problemOfRest(tools);
  return problem && `${problem} ${NONE}`;
}

function problemOfNames(tools) {
  const names = tools.map((tool) => tool.function.name);
  const odd = names.findIndex((name) => typeof name !== "string" || !NAME.test(name));
  if (odd >= 0) return `The name ${JSON.stringify(names[odd]) ?? "of a tool"} must be 1 to 128 letters, digits, "_", "-" or ".".`;
  const twin = names.find((name, at) => names.indexOf(name) < at);
  return twin ? `Two tools have the name "${twin}".` : "";
}

function problemOfRest(tools) {
  for (const { name, description, parameters } of tools.map((tool) => tool.function)) {
    if (typeof (description ?? "") !== "string") return `The description of "${name}" must be a text.`;
    if (!isObject(parameters ?? {})) return `The parameters of "${name}" must be a JSON schema, which is an object.`;
  }
  return "";
}

function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
