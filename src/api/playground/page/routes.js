// The routes of an OpenAPI description, one by one. Pure.

import { namesIn, read } from "./fields.js";

const METHODS = ["get", "post", "put", "patch", "delete", "head", "options"];
const JSON_TYPE = "application/json";

export function routesOf({ paths, components }) {
  const named = components?.schemas ?? {};
  return Object.entries(paths).flatMap(([path, operations]) =>
    METHODS.filter((method) => operations[method]).map((method) => routeOf(method, path, operations[method], named)),
  );
}

export function grouped(routes) {
  const groups = new Map();
  for (const route of routes) groups.set(route.tag, [...(groups.get(route.tag) ?? []), route]);
  return groups;
}

// Every word that is asked for is somewhere in it.
export function fits(route, query) {
  return query.toLowerCase().split(/\s+/).every((word) => route.words.includes(word));
}

function routeOf(method, path, operation, named) {
  const [line, ...more] = (operation.description ?? operation.summary ?? "").split(/\n\s*\n/);
  const tag = operation.tags?.[0] ?? "other";
  const body = operation.requestBody?.content?.[JSON_TYPE]?.schema ?? null;
  const route = {
    id: `${method}${path}`.replace(/[^A-Za-z0-9.]+/g, "-").replace(/-$/, ""),
    method: method.toUpperCase(),
    path,
    tag,
    line,
    more,
    body,
    parameters: (operation.parameters ?? []).map((one) => parameterOf(one, named)),
    request: body && read(body, named),
    answers: Object.entries(operation.responses ?? {}).map(([status, answer]) => answerOf(status, answer, named)),
  };
  return { ...route, words: wordsOf(route) };
}

function parameterOf({ name, in: place, required = false, description, schema = {} }, named) {
  const told = read(schema, named);
  return { name, required, ...told, meaning: description ?? told.meaning, limits: [`in the ${place}`, ...told.limits] };
}

// `forms`: the same answer in other content types.
function answerOf(status, { description, content = {} }, named) {
  const forms = Object.entries(content).map(([type, { schema = {} }]) => ({ media: type.split(";")[0], ...read(schema, named) }));
  return { status, failed: !/^[123]/.test(status), description, forms };
}

function wordsOf({ method, path, tag, line, more, parameters, request }) {
  const fields = [...parameters.map((one) => one.name), ...namesIn(request?.shapes ?? [])];
  return [method, path, tag, line, ...more, ...new Set(fields)].join(" ").toLowerCase();
}
