// One route: a line that opens.

import { element } from "./element.js";
import { curlOf } from "./example.js";
import { fieldList, shapeNodes } from "./field_view.js";
import { inline } from "./inline.js";
import { codeBlock } from "./markdown.js";

export function routeView(route, about) {
  const { id, method, path, line } = route;
  const name = element("h3", {}, element("span", { class: `method ${method.toLowerCase()}` }, method), " ", pathNode(path));
  const head = element("summary", {}, name, element("p", {}, ...inline(line)));
  const body = element("div", { class: "body" }, ...bodyNodes(route, about));
  const opened = ({ target }) => target.open && history.replaceState(null, "", `#${id}`);
  return element("details", { class: "route", id, ontoggle: opened }, head, body);
}

// Long paths break behind a slash.
function pathNode(path) {
  const parts = path.split(/(?<=\/)(?=.)/);
  return element("code", {}, ...parts.flatMap((part) => [part, element("wbr")]));
}

function bodyNodes(route, about) {
  const { id, more, parameters, request, answers } = route;
  return [
    ...more.map((words) => element("p", {}, ...inline(words))),
    codeBlock(curlOf(route, about), about.windows ? "PowerShell" : "shell"),
    ...(parameters.length ? [element("h4", {}, "Parameters"), fieldList(parameters, true)] : []),
    ...(request ? [element("h4", {}, "Request"), ...formNodes(request, true)] : []),
    ...answers.filter((one) => !one.failed).flatMap(answerNodes),
    ...errorNodes(answers.filter((one) => one.failed)),
    element("p", {}, element("a", { href: `#${id}` }, "Link to this route")),
  ];
}

function answerNodes({ status, description, forms }) {
  return [element("h4", {}, `Answer ${status}`), element("p", {}, ...inline(description)), ...forms.flatMap(answerForm)];
}

function answerForm(form) {
  return [element("p", { class: "quiet" }, element("code", {}, form.media)), ...formNodes(form, false)];
}

function formNodes({ type, meaning, shapes }, asked) {
  const words = meaning || (shapes.length || type === "anything" ? "" : `${type[0].toUpperCase()}${type.slice(1)}.`);
  return [words ? element("p", {}, ...inline(words)) : null, ...shapeNodes(shapes, asked)].filter(Boolean);
}

function errorNodes(answers) {
  if (!answers.length) return [];
  const items = answers.map(({ status, description, forms }) =>
    element("li", {}, element("p", {}, element("code", { class: "name" }, status)), element("p", {}, ...inline(description)), ...forms.flatMap(errorForm)),
  );
  return [element("h4", {}, "Errors"), element("ul", { class: "fields" }, ...items)];
}

function errorForm({ shapes }) {
  if (!shapes.length) return [];
  return [element("details", { class: "inside" }, element("summary", {}, "Its body"), ...shapeNodes(shapes, false))];
}
