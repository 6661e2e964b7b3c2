// Puts the parts of the page together.

import { setUpAgents } from "./agents.js";
import { Chat } from "./chat.js";
import { Composer } from "./composer.js";
import { Conversation } from "./conversation.js";
import { ConversationView } from "./conversation_view.js";
import { byId, say } from "./element.js";
import { setUpKey } from "./key.js";
import { isWhole } from "./names.js";
import { Node } from "./node.js";
import { NodeView } from "./node_view.js";
import { setUpSettings } from "./settings.js";
import { setUpTheme } from "./theme.js";

const conversation = new Conversation();
const chat = new Chat(conversation, showChat);
const view = new ConversationView(conversation, {
  regenerate: () => chat.regenerate(),
  continue: () => chat.answer(),
  giveResult: () => conversation.save(),
});
const composer = new Composer(conversation, { send, stop: () => chat.stop() });
const nodeView = new NodeView();
const node = new Node(showNode);
let wasRunning = false;

function send(text) {
  const answered = chat.ask(text);
  view.goToEnd();
  return answered;
}

function showChat(waiting) {
  const { running } = chat;
  if (running && wasRunning) {
    view.showSoon(true, waiting);
    return;
  }
  // The beginning and the end are shown at once, also in a tab that nobody sees.
  wasRunning = running;
  view.show(running, waiting);
  composer.show(running, node);
  if (!running) say(conversation.last?.stopped ? "Stopped" : "The answer is complete");
}

function showNode() {
  nodeView.show(node);
  composer.showModels(node.models);
  composer.show(chat.running, node);
  const first = node.models.find((model) => !isWhole(model.id)) ?? node.models[0];
  byId("welcome-model").textContent = first
    ? `${first.id} is here, with room for ${first.context_length.toLocaleString("en")} tokens.`
    : node.state.kind === "locked" ? "" : node.state.message;
}

function clear() {
  chat.stop();
  conversation.clear();
  view.show(false);
  composer.show(false, node);
  say("The conversation is cleared");
  byId("question").focus();
}

setUpTheme();
setUpKey();
setUpSettings(conversation);
setUpAgents(conversation, node);
byId("clear").addEventListener("click", clear);
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !document.querySelector("dialog[open]")) chat.stop();
});
view.show(false);
view.goToEnd();
byId("question").focus();
node.start();
