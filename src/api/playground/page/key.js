// The node's key, asked for when it is needed. Everybody who needs it meanwhile waits for the same answer.

import { byId } from "./element.js";
import { getKey, setKey } from "./storage.js";

const FIRST = "When the node started it said in which file the key lies. It is kept in this tab until you close it.";
const REFUSED = "The node refused that key. Check it, and try again.";
let asking = null;

// True when there is one to try now.
export function askForKey() {
  asking ??= ask().finally(() => (asking = null));
  return asking;
}

function ask() {
  const dialog = byId("key");
  const field = byId("key-field");
  byId("key-why").textContent = getKey() ? REFUSED : FIRST;
  field.value = "";
  dialog.returnValue = "";
  dialog.showModal();
  field.focus();
  return new Promise((resolve) => {
    const closed = () => {
      const given = dialog.returnValue === "use" ? field.value.trim() : "";
      field.value = "";
      if (given) setKey(given);
      resolve(given !== "");
    };
    dialog.addEventListener("close", closed, { once: true });
  });
}

export function setUpKey() {
  byId("key-later").addEventListener("click", () => byId("key").close());
}
