// Marks inside a line of Markdown to nodes: code, bold, italic, struck, links. Everything else stays text.

import { element } from "./element.js";

// How far the end of a mark may be away: it also bounds the work for a text that is made of marks only.
const SHAPES = [
  ["escape", /\\([\\`*_{}[\]()#+\-.!|~<>])/y],
  ["code", /(`{1,3})(?!`)([^\n]{1,400}?)(?<!`)\1(?!`)/y],
  ["bold", /\*\*(?=\S)([^\n]{0,400}?\S)\*\*/y],
  ["bold", /__(?=\S)([^\n]{0,400}?\S)__(?!\w)/y],
  ["struck", /~~(?=\S)([^\n]{0,400}?\S)~~/y],
  ["italic", /\*(?=[^\s*])([^\n*]{0,400}?[^\s*])\*(?!\*)/y],
  ["italic", /_(?=[^\s_])([^\n_]{0,400}?[^\s_])_(?!\w)/y],
  ["link", /!?\[([^\]\n]{0,300})\]\(\s*<?([^\s()<>]{1,1000}(?:\([^\s()]{0,200}\)[^\s()<>]{0,200})?)>?(?:\s+"[^"\n]{0,200}")?\s*\)/y],
  ["bare", /https?:\/\/[^\s<>"'`)\]]{1,1000}[^\s<>"'`)\].,;:!?]/y],
];
const STARTS = /[\\`*_~![h]/g;
const TAGS = { bold: "strong", italic: "em", struck: "s" };
const DEEPEST = 4;
const SAFE = new Set(["http:", "https:", "mailto:"]);

export function inline(text, depth = 0) {
  const nodes = [];
  let plain = "";
  const flush = () => {
    if (plain) nodes.push(document.createTextNode(plain));
    plain = "";
  };
  for (let at = 0; at < text.length; ) {
    const found = depth < DEEPEST ? markAt(text, at) : null;
    if (!found) {
      const next = nextStart(text, at + 1);
      plain += text.slice(at, next);
      at = next;
      continue;
    }
    at += found.match[0].length;
    if (found.kind === "escape") {
      plain += found.match[1];
      continue;
    }
    flush();
    nodes.push(...nodesOf(found, depth));
  }
  flush();
  return nodes;
}

function markAt(text, at) {
  const inWord = at > 0 && /\w/.test(text[at - 1]);
  for (const [kind, shape] of SHAPES) {
    // snake_case_names and addresses inside words are no marks.
    if (inWord && (text[at] === "_" || kind === "bare")) continue;
    shape.lastIndex = at;
    const match = shape.exec(text);
    if (match) return { kind, match };
  }
  return null;
}

function nextStart(text, from) {
  STARTS.lastIndex = from;
  return STARTS.exec(text)?.index ?? text.length;
}

function nodesOf({ kind, match }, depth) {
  if (kind === "code") return [element("code", {}, match[2].trim() || match[2])];
  if (kind === "bare") return [link(match[0], [match[0]])];
  if (kind === "link") return linked(match, depth);
  return [element(TAGS[kind], {}, ...inline(match[1], depth + 1))];
}

function linked(match, depth) {
  const words = match[1] ? inline(match[1], depth + 1) : [match[2]];
  // An address of another kind, such as a script, is shown as it was written.
  return isSafe(match[2]) ? [link(match[2], words)] : [document.createTextNode(match[0])];
}

function link(address, words) {
  return element("a", { href: address, target: "_blank", rel: "noopener noreferrer nofollow" }, ...words);
}

function isSafe(address) {
  try {
    return SAFE.has(new URL(address).protocol);
  } catch {
    return false;
  }
}
