// The settings of a conversation: kept as they are typed.

import { byId } from "./element.js";
import { problemOfTools } from "./conversation.js";

const FIELDS = { system: "system", temperature: "temperature", maxTokens: "max-tokens", effort: "effort", tools: "tools" };
const EXAMPLE = [
  {
    type: "function",
    function: {
      name: "get_weather",
      description: "The weather of a city",
      parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
    },
  },
];

export function setUpSettings(conversation) {
  const { options } = conversation;
  for (const [name, id] of Object.entries(FIELDS)) {
    const field = byId(id);
    field.value = options[name];
    field.addEventListener("input", () => {
      // A number that is out of its range would only be refused by the node.
      options[name] = field.checkValidity() ? field.value : "";
      conversation.save();
      showProblem();
    });
  }
  byId("tools-example").addEventListener("click", () => {
    byId("tools").value = JSON.stringify(EXAMPLE, null, 2);
    byId("tools").dispatchEvent(new Event("input"));
  });
  byId("open-settings").addEventListener("click", () => byId("settings").showModal());
  showProblem();
}

function showProblem() {
  byId("tools-problem").textContent = problemOfTools(byId("tools").value);
}
