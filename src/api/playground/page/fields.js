// What a JSON Schema asks for, as words that can be shown. Limits and meanings are Markdown.

const REFERENCE = "#/components/schemas/";
const NULL = "null";
const ANYTHING = "anything";

// {type, orNull, meaning, limits, shapes: [{title, fields}]}: each shape is one kind of object that may stand there, be
// it in an array. `named`: the schemas that others refer to; `above`: those that this one is part of.
export function read(schema, named = {}, above = []) {
  const all = kindsOf(schema, named, above);
  const kinds = all.filter((kind) => kind.type !== NULL).map((kind) => ofKind(kind, named));
  return {
    type: distinct(kinds.map((kind) => kind.type)).join(" or ") || NULL,
    orNull: kinds.length > 0 && kinds.length < all.length,
    meaning: schema.description ?? distinct(kinds.map((kind) => kind.meaning)).join(" "),
    limits: distinct(kinds.flatMap((kind) => kind.limits)),
    shapes: kinds.flatMap((kind) => kind.shapes),
  };
}

// Every field in it, at any depth.
export function namesIn(shapes) {
  return shapes.flatMap(({ fields }) => fields.flatMap((field) => [field.name, ...namesIn(field.shapes)]));
}

// Alternatives and references are followed, so that each of these has at most one type.
function kindsOf(schema, named, above) {
  if (schema.$ref) {
    const name = schema.$ref.slice(REFERENCE.length);
    if (above.includes(name) || !named[name]) return [{ type: "object", above, description: `${name}, as above.` }];
    return kindsOf(named[name], named, [...above, name]);
  }
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return choices.flatMap((choice) => kindsOf(choice, named, above));
  if (!Array.isArray(schema.type)) return [{ ...schema, type: typeIn(schema), above }];
  return schema.type.map((type) => ({ ...schema, type, above }));
}

function typeIn(schema) {
  if (schema.type) return schema.type;
  const known = schema.const ?? schema.enum?.[0];
  if (known !== undefined) return typeof known;
  return schema.properties ? "object" : ANYTHING;
}

function ofKind(kind, named) {
  if (kind.type === "array") return arrayOf(kind, read(kind.items ?? {}, named, kind.above));
  const common = { type: kind.type, meaning: kind.description ?? "", limits: limitsOf(kind), shapes: [] };
  if (kind.type !== "object") return common;
  const each = typeof kind.additionalProperties === "object" ? read(kind.additionalProperties, named, kind.above) : null;
  const fields = fieldsOf(kind, named);
  return {
    ...common,
    limits: [...common.limits, ...(each ? [`each value ${each.type}`, ...each.limits] : [])],
    shapes: fields.length ? [{ title: titleOf(kind), fields }] : [],
  };
}

function arrayOf(kind, items) {
  return {
    type: kind.items ? `array of ${several(items.type)}` : "array",
    meaning: kind.description ?? items.meaning,
    limits: [...limitsOf(kind), ...items.limits],
    shapes: items.shapes,
  };
}

function several(type) {
  if (type === ANYTHING) return type;
  return type.includes(" or ") ? `(${type})` : type.replace(/^\w+/, "$&s");
}

function fieldsOf({ properties = {}, required = [], above }, named) {
  return Object.entries(properties).map(([name, schema]) => ({ name, required: required.includes(name), ...read(schema, named, above) }));
}

// Objects that stand beside each other differ in a field such as `type` or `role`.
function titleOf({ properties }) {
  for (const [name, schema] of Object.entries(properties)) {
    const values = valuesIn(schema);
    if (values.length) return `${name}: ${values.join(", ")}`;
    if (schema.not?.enum) return `${name}: any other`;
  }
  return "";
}

function valuesIn(schema) {
  if (schema.const !== undefined) return [schema.const];
  return (schema.enum ?? []).filter((value) => value !== null);
}

function limitsOf(kind) {
  const values = valuesIn(kind);
  return [
    values.length && code(values),
    kind.not?.enum && `not ${code(kind.not.enum)}`,
    range(kind.minimum, kind.maximum),
    range(kind.minLength, kind.maxLength, "character"),
    range(kind.minItems, kind.maxItems, "item"),
    kind.propertyNames?.pattern && `keys match ${code([kind.propertyNames.pattern])}`,
    kind.pattern && `matches ${code([kind.pattern])}`,
    kind.format && `as ${code([kind.format])}`,
    kind.default !== undefined && `${code([kind.default])} if it is absent`,
  ].filter(Boolean);
}

const code = (values) => values.map((value) => `\`${typeof value === "string" ? value : JSON.stringify(value)}\``).join(", ");

function range(least, most, unit = "") {
  if (least === undefined && most === undefined) return "";
  const last = most ?? least;
  const words = unit && ` ${unit}${last === 1 ? "" : "s"}`;
  if (least !== undefined && most !== undefined) return `${number(least)} to ${number(most)}${words}`;
  return `${most === undefined ? "at least" : "at most"} ${number(last)}${words}`;
}

// Beyond what a browser counts exactly, digits would be wrong.
function number(value) {
  if (Math.abs(value) <= Number.MAX_SAFE_INTEGER) return String(value);
  const power = Math.log2(Math.abs(value));
  return Number.isInteger(power) ? `${value < 0 ? "-" : ""}2^${power}` : String(value);
}

const distinct = (texts) => [...new Set(texts.filter(Boolean))];
