// The settings of a conversation: kept as they are typed.

import { byId } from "./element.js";
import { problemOfTools } from "./tools.js";

const FIELDS = { system: "system", temperature: "temperature", maxTokens: "max-tokens", effort: "effort", tools: "tools" };
const LABELS = { temperature: "The temperature", "max-tokens": "The longest answer" };
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
      options[name] = problemOf(field) ? "" : field.value;
      conversation.save();
      showProblem(field);
    });
  }
  byId("tools-example").addEventListener("click", () => {
    byId("tools").value = JSON.stringify(EXAMPLE, null, 2);
    byId("tools").dispatchEvent(new Event("input"));
  });
  byId("open-settings").addEventListener("click", () => byId("settings").showModal());
  showProblem(byId("tools"));
}

function showProblem(field) {
  const place = document.getElementById(`${field.id}-problem`);
  if (!place) return;
  const problem = problemOf(field);
  place.textContent = problem;
  field.setAttribute("aria-invalid", String(Boolean(problem)));
}

function problemOf(field) {
  return field.id === "tools" ? problemOfTools(field.value) : problemOfNumber(field);
}

function problemOfNumber({ id, min, max, step, validity }) {
  const whole = step === "1";
  // The step of other numbers is only that of their arrows.
  if (!(validity.badInput || validity.rangeUnderflow || validity.rangeOverflow || (whole && validity.stepMismatch))) return "";
  const range = max ? `between ${min} and ${max}` : `of at least ${min}`;
  return `${LABELS[id]} must be a ${whole ? "whole " : ""}number ${range}. Until then none is sent.`;
}
