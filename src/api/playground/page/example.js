// An example of each route that works as it stands. Pure: a route and the node's address in, text out.

const KEY = "LOCALSWARM_API_KEY";
// What makes a request worth sending, whether or not it is required.
const KNOWN = {
  model: "swarm",
  name: "swarm",
  messages: [{ role: "user", content: "Hello" }],
  prompt: "Hello",
  input: "Hello",
  content: "Hello",
  tokens: [1, 2, 3],
  tool: "list",
};

// about: {origin, keyed, windows}
export function curlOf({ method, path, body }, { origin, keyed, windows }) {
  const address = `${origin}${path.replace(/\{(\w+)\}/g, (_, name) => KNOWN[name] ?? name.toUpperCase())}`;
  const text = body && JSON.stringify(bodyOf(body));
  const plain = method === (body ? "POST" : "GET");
  const lines = [`${windows ? "curl.exe" : "curl"} ${plain ? "" : `-X ${method} `}${address}`];
  if (keyed) lines.push(`-H "Authorization: Bearer ${windows ? "$env:" : "$"}${KEY}"`);
  if (body) lines.push(`-H "Content-Type: application/json"`, windows ? `-d "@-"` : `-d ${quoted(text, "'\\''")}`);
  const command = lines.join(windows ? " `\n  " : " \\\n  ");
  // PowerShell hands quotes inside an argument to programs in a way that depends on its version.
  return body && windows ? `${quoted(text, "''")} | ${command}` : command;
}

const quoted = (text, quote) => `'${text.replaceAll("'", quote)}'`;

function bodyOf({ properties = {}, required = [] }) {
  const shown = Object.entries(properties).filter(([name]) => name in KNOWN || required.includes(name));
  return Object.fromEntries(shown.map(([name, schema]) => [name, KNOWN[name] ?? valueOf(schema)]));
}

function valueOf(schema) {
  const values = [schema.const, ...(schema.enum ?? [])].filter((value) => value !== undefined && value !== null);
  if (values.length) return values[0];
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return valueOf(choices.find((choice) => choice.type !== "null"));
  const type = [schema.type].flat().find((one) => one !== "null");
  if (type === "object") return bodyOf(schema);
  if (type === "array") return schema.minItems ? [valueOf(schema.items ?? {})] : [];
  if (type === "boolean") return true;
  return type === "integer" || type === "number" ? schema.minimum ?? 1 : "Hello";
}
