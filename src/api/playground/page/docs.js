// The page of the API: every route that the node describes, grouped and filtered.

import { ApiError } from "./api.js";
import { description } from "./description.js";
import { button, byId, element } from "./element.js";
import { askForKey, setUpKey } from "./key.js";
import { routeView } from "./route_view.js";
import { fits, grouped, routesOf } from "./routes.js";
import { getKey } from "./storage.js";
import { setUpTheme } from "./theme.js";

const NAMES = { openai: "OpenAI", anthropic: "Anthropic", lmstudio: "LM Studio", ollama: "Ollama", node: "This node" };
const nameOf = (tag) => NAMES[tag] ?? tag;

async function load() {
  const told = await ask();
  if (told) show(told);
  byId("routes").setAttribute("aria-busy", "false");
}

async function ask() {
  try {
    return await description();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.status !== 401) showProblem(error.message, "Try again");
    else if (await askForKey()) return ask();
    else showProblem("This node describes itself only to those who have its key.", "Enter the key");
    return null;
  }
}

function showProblem(words, action) {
  byId("routes").replaceChildren(element("div", { class: "error", role: "alert" }, element("p", {}, words), button(action, load)));
}

function show(told) {
  const about = { origin: location.origin, keyed: getKey() !== null, windows: navigator.userAgent.includes("Windows") };
  const routes = routesOf(told);
  const groups = [...grouped(routes)];
  byId("about").textContent = `${told.info.title} ${told.info.version}, at ${location.origin}. /openapi.json holds the same for programs.`;
  byId("groups").replaceChildren(...groups.map(([tag]) => element("a", { href: `#api-${tag}` }, nameOf(tag))));
  byId("routes").replaceChildren(...groups.map(([tag, members]) => groupView(tag, members, about)));
  byId("find").hidden = false;
  byId("filter").addEventListener("input", () => filter(routes));
  filter(routes);
  goToAnchor();
}

function groupView(tag, routes, about) {
  const title = element("h2", { id: `api-${tag}` }, nameOf(tag));
  return element("section", { "aria-labelledby": title.id }, title, ...routes.map((route) => routeView(route, about)));
}

function filter(routes) {
  const query = byId("filter").value.trim();
  const shown = routes.filter((route) => fits(route, query));
  for (const route of routes) byId(route.id).hidden = !shown.includes(route);
  for (const section of byId("routes").children) section.hidden = !section.querySelector(".route:not([hidden])");
  byId("shown").textContent = !shown.length ? "No route fits" : query ? `${shown.length} of ${routes.length} routes` : `${routes.length} routes`;
}

// What an address names did not exist yet when the browser looked for it, and is closed.
function goToAnchor() {
  const place = byId(location.hash.slice(1));
  if (!place?.closest("#routes")) return;
  if (place.hidden) {
    byId("filter").value = "";
    byId("filter").dispatchEvent(new Event("input"));
  }
  if (place.matches(".route")) place.open = true;
  place.scrollIntoView();
  place.querySelector("summary")?.focus({ preventScroll: true });
}

addEventListener("hashchange", goToAnchor);
setUpTheme();
setUpKey();
load();
