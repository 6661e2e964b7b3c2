// What is remembered: in this browser, or in this tab only. A browser that refuses storage forgets, and still works.

function read(place, name) {
  try {
    return place().getItem(`localswarm.${name}`);
  } catch {
    return null;
  }
}

function write(place, name, value) {
  try {
    if (value === null) place().removeItem(`localswarm.${name}`);
    else place().setItem(`localswarm.${name}`, value);
  } catch {
    // Full or blocked.
  }
}

const browser = () => localStorage;
const tab = () => sessionStorage;

export const getText = (name) => read(browser, name);
export const setText = (name, text) => write(browser, name, text);
export const setObject = (name, value) => write(browser, name, JSON.stringify(value));

export function getObject(name) {
  try {
    const value = JSON.parse(read(browser, name));
    return value && typeof value === "object" ? value : null;
  } catch {
    return null;
  }
}

export const getKey = () => read(tab, "key");
export const setKey = (key) => write(tab, "key", key);
