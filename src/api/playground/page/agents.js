// The dialog that tells how to connect an agent.

import { byId, element } from "./element.js";
import { codeBlock } from "./markdown.js";
import { setKeyLine, snippets } from "./snippets.js";
import { getKey } from "./storage.js";

const UNKNOWN_CONTEXT = 4096;

export function setUpAgents(conversation, node) {
  const model = byId("agents-model");
  const shell = byId("agents-shell");
  if (navigator.userAgent.includes("Windows")) shell.value = "powershell";
  const show = () => showFor(node, model.value, shell.value);
  const open = () => {
    const ids = node.models.map((one) => one.id);
    model.replaceChildren(...(ids.length ? ids : ["swarm"]).map((id) => element("option", {}, id)));
    if (ids.includes(conversation.options.model)) model.value = conversation.options.model;
    show();
    byId("agents").showModal();
  };
  model.addEventListener("change", show);
  shell.addEventListener("change", show);
  byId("open-agents").addEventListener("click", open);
  byId("welcome-agents").addEventListener("click", open);
}

function showFor(node, model, shell) {
  const list = byId("agents-list");
  const opened = [...list.querySelectorAll("details")].findIndex((one) => one.open);
  const context = node.contextOf(model);
  const about = { origin: location.origin, model, context: context ?? UNKNOWN_CONTEXT, keyed: getKey() !== null };
  const shown = snippets(about, shell).map((one, at) => section(one, context, at === Math.max(opened, 0)));
  list.replaceChildren(...(about.keyed ? [keyLine(shell)] : []), ...shown);
  const length = context === null ? "" : ` Its context is ${context.toLocaleString("en")} tokens.`;
  byId("agents-about").textContent = `This node answers at ${location.origin}.${length}`;
}

function keyLine(shell) {
  return element("div", {}, element("p", {}, "First put your key where the agents find it:"), codeBlock(setKeyLine(shell), "shell"));
}

function section({ name, least, parts }, context, open) {
  const tight = context !== null && context < least;
  const warning = `${name} wants a context of ${least?.toLocaleString("en")} tokens or more; this model has less here.`;
  const shown = parts.flatMap(({ about, text, language }) => [element("p", {}, about), codeBlock(text, language ?? "shell")]);
  return element("details", { name: "agent", open }, element("summary", {}, name), tight ? element("p", { class: "tight" }, warning) : "", ...shown);
}
