// Fields and what is inside them, as lists.

import { element } from "./element.js";
import { inline } from "./inline.js";

// `asked`: fields of a request, of which some have to be given.
export function fieldList(fields, asked) {
  return element("ul", { class: "fields" }, ...fields.map((field) => fieldItem(field, asked)));
}

// What may stand at the top of a body: mostly one object, whose fields need no opening.
export function shapeNodes(shapes, asked) {
  return shapes.length === 1 ? [fieldList(shapes[0].fields, asked)] : shapes.map((shape) => inside(shape, asked));
}

function fieldItem({ name, type, required, orNull, meaning, limits, shapes }, asked) {
  const what = [required && orNull ? `${type} or null` : type, ...limits].join(" · ");
  const head = element(
    "p",
    {},
    element("code", { class: "name" }, name),
    " ",
    asked && required ? element("span", { class: "must" }, "required ") : null,
    element("span", { class: "type" }, ...inline(what)),
  );
  const words = meaning ? element("p", {}, ...inline(meaning)) : null;
  return element("li", {}, head, words, ...shapes.map((shape) => inside(shape, asked)));
}

function inside({ title, fields }, asked) {
  const count = fields.length === 1 ? "1 field" : `${fields.length} fields`;
  const words = title ? [element("code", {}, title), ` · ${count}`] : [count];
  return element("details", { class: "inside" }, element("summary", {}, ...words), fieldList(fields, asked));
}
