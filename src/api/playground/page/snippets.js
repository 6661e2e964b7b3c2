// What to paste to point an agent at this node. Pure: address, model, limits and shell in, texts out.

const KEY = "LOCALSWARM_API_KEY";
// Most of a small context must be left to the prompt, or an agent begins to shorten the conversation at once.
const ANSWER_SHARE = 4;
const LONGEST_ANSWER = 32000;
const NO_KEY = "local";

// node: {origin, model, context, keyed}; shell: "sh" or "powershell". `least`: its first prompt, a file that it reads,
// and an answer need so much context.
export function snippets(node, shell) {
  const lines = linesOf(shell);
  return [
    { name: "opencode", least: 16384, parts: [launch("opencode"), file("Or opencode.json in the folder of your work", opencode(node), "json")] },
    { name: "Codex", least: 32768, parts: [launch("codex"), file("Or ~/.codex/config.toml", codex(node), "toml")] },
    { name: "Claude Code", least: 32768, parts: [launch("claude"), { about: "Or by hand", text: claude(node, lines) }] },
    { name: "Qwen Code", least: 32768, parts: [launch("qwen"), { about: "Or by hand", text: qwen(node, lines) }] },
    { name: "aider", least: 8192, parts: [launch("aider"), { about: "Or by hand", text: aider(node, lines) }] },
    { name: "curl", parts: [{ about: "The API itself", text: curl(node, lines) }] },
    { name: "Python", parts: [file("With the package openai", python(node), "python")] },
  ];
}

const launch = (agent) => ({ about: "On the machine of this node", text: `python main.py launch ${agent}` });
const file = (about, text, language) => ({ about, text, language });

export function outputOf(context) {
  return Math.min(Math.floor(context / ANSWER_SHARE), LONGEST_ANSWER);
}

function linesOf(shell) {
  const windows = shell === "powershell";
  return {
    windows,
    key: windows ? `$env:${KEY}` : `$${KEY}`,
    set: (name, value) => (windows ? `$env:${name} = "${value}"` : `export ${name}="${value}"`),
  };
}

function opencode({ origin, model, context, keyed }) {
  const options = { baseURL: `${origin}/v1`, ...(keyed ? { apiKey: `{env:${KEY}}` } : {}) };
  const limit = { context, output: outputOf(context) };
  const models = { [model]: { name: model, tool_call: true, limit } };
  const provider = { npm: "@ai-sdk/openai-compatible", name: "Local Swarm", options, models };
  const config = {
    $schema: "https://opencode.ai/config.json",
    provider: { localswarm: provider },
    model: `localswarm/${model}`,
    small_model: `localswarm/${model}`,
  };
  return JSON.stringify(config, null, 2);
}

function codex({ origin, model, context, keyed }) {
  const top = [`model = ${quoted(model)}`, 'model_provider = "localswarm"', `model_context_window = ${context}`];
  const table = ["[model_providers.localswarm]", 'name = "Local Swarm"', `base_url = ${quoted(`${origin}/v1`)}`, 'wire_api = "responses"'];
  return [...top, "", ...table, ...(keyed ? [`env_key = "${KEY}"`] : [])].join("\n");
}

function claude({ origin, model, context, keyed }, { set, key }) {
  const roles = ["ANTHROPIC_MODEL", "ANTHROPIC_DEFAULT_OPUS_MODEL", "ANTHROPIC_DEFAULT_SONNET_MODEL", "ANTHROPIC_DEFAULT_HAIKU_MODEL"];
  return [
    set("ANTHROPIC_BASE_URL", origin),
    set("ANTHROPIC_AUTH_TOKEN", keyed ? key : NO_KEY),
    ...roles.map((role) => set(role, model)),
    set("CLAUDE_CODE_MAX_CONTEXT_TOKENS", context),
    set("CLAUDE_CODE_MAX_OUTPUT_TOKENS", outputOf(context)),
    // Its changing first line would spoil the cache of all that follows.
    set("CLAUDE_CODE_ATTRIBUTION_HEADER", 0),
    set("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", 1),
    "claude",
  ].join("\n");
}

function qwen({ origin, model, keyed }, { set, key }) {
  const values = { OPENAI_BASE_URL: `${origin}/v1`, OPENAI_API_KEY: keyed ? key : NO_KEY, OPENAI_MODEL: model };
  return [...Object.entries(values).map(([name, value]) => set(name, value)), "qwen --auth-type openai"].join("\n");
}

function aider({ origin, model, keyed }, { set, key }) {
  const values = { OPENAI_API_BASE: `${origin}/v1`, OPENAI_API_KEY: keyed ? key : NO_KEY };
  return [...Object.entries(values).map(([name, value]) => set(name, value)), `aider --model openai/${model}`].join("\n");
}

function curl({ origin, model, keyed }, { windows, key }) {
  const body = JSON.stringify({ model, messages: [{ role: "user", content: "Hello" }] });
  const more = windows ? " `\n  " : " \\\n  ";
  const parts = [`${windows ? "curl.exe" : "curl"} ${origin}/v1/chat/completions`, '-H "Content-Type: application/json"'];
  if (keyed) parts.push(`-H "Authorization: Bearer ${key}"`);
  return [...parts, `-d '${body}'`].join(more);
}

function python({ origin, model, keyed }) {
  const key = keyed ? `os.environ["${KEY}"]` : quoted(NO_KEY);
  return [
    ...(keyed ? ["import os", ""] : []),
    "from openai import OpenAI",
    "",
    `client = OpenAI(base_url=${quoted(`${origin}/v1`)}, api_key=${key})`,
    "answer = client.chat.completions.create(",
    `    model=${quoted(model)},`,
    '    messages=[{"role": "user", "content": "Hello"}],',
    "    stream=True,",
    ")",
    "for chunk in answer:",
    "    for choice in chunk.choices:",
    '        print(choice.delta.content or "", end="", flush=True)',
  ].join("\n");
}

// A string of JSON is one of TOML and of Python too.
const quoted = (text) => JSON.stringify(text);
export const setKeyLine = (shell) => linesOf(shell).set(KEY, "...");
