// Markdown to blocks. Pure. A part of what Markdown knows: what models write.

const FENCE = /^ {0,3}(`{3,}|~{3,}) *([^\s`]*)[^`]*$/;
const HEADING = /^ {0,3}(#{1,6}) +(.+?)(?: +#+)? *$/;
const RULE = /^ {0,3}([-*_])(?: *\1){2,} *$/;
const QUOTE = /^ {0,3}> ?/;
const ITEM = /^( *)([-*+]|\d{1,9}[.)]) +(?=\S)/;
const DIVIDER = /^ *\|?(?: *:?-+:? *\|)+ *(?::?-+:?)? *$/;
// Deeper ones are shown as they are written.
const DEEPEST = 6;

export function blocksOf(text, depth = 0) {
  const lines = text.replaceAll("\r\n", "\n").split("\n");
  const blocks = [];
  for (let at = 0; at < lines.length; ) {
    if (!lines[at].trim()) {
      at += 1;
      continue;
    }
    const [block, next] = blockAt(lines, at, depth);
    // The source tells whether a block has changed since it was last shown.
    blocks.push({ ...block, source: lines.slice(at, next).join("\n") });
    at = next;
  }
  return blocks;
}

function blockAt(lines, at, depth) {
  const line = lines[at];
  if (FENCE.test(line)) return fenced(lines, at);
  const heading = HEADING.exec(line);
  if (heading) return [{ kind: "heading", level: heading[1].length, text: heading[2] }, at + 1];
  if (RULE.test(line)) return [{ kind: "rule" }, at + 1];
  if (depth < DEEPEST && QUOTE.test(line)) return quoted(lines, at, depth);
  if (depth < DEEPEST && ITEM.test(line)) return listed(lines, at, depth);
  if (line.includes("|") && DIVIDER.test(lines[at + 1] ?? "")) return tabled(lines, at);
  return paragraph(lines, at);
}

function fenced(lines, at) {
  const [, mark, language] = FENCE.exec(lines[at]);
  const indent = lines[at].search(/\S/);
  const isEnd = (line) => line.trim().length >= mark.length && line.trim().replaceAll(mark[0], "") === "";
  let end = at + 1;
  while (end < lines.length && !isEnd(lines[end])) end += 1;
  const code = lines.slice(at + 1, end).map((line) => without(line, indent));
  return [{ kind: "code", language, text: code.join("\n") }, Math.min(end + 1, lines.length)];
}

function quoted(lines, at, depth) {
  let end = at;
  while (end < lines.length && QUOTE.test(lines[end])) end += 1;
  const inner = lines.slice(at, end).map((line) => line.replace(QUOTE, ""));
  return [{ kind: "quote", blocks: blocksOf(inner.join("\n"), depth + 1) }, end];
}

function listed(lines, at, depth) {
  const [, margin, marker] = ITEM.exec(lines[at]);
  const ordered = /\d/.test(marker);
  const items = [];
  let next = at;
  while (next < lines.length && opensItem(lines[next], margin.length, ordered)) {
    const end = endOfItem(lines, next + 1, margin.length);
    items.push(blocksOf(insideOf(lines.slice(next, end)), depth + 1));
    next = end;
    // Empty lines between two items belong to the list.
    const follower = afterEmpty(lines, next);
    if (follower < lines.length && opensItem(lines[follower], margin.length, ordered)) next = follower;
  }
  return [{ kind: "list", ordered, start: ordered ? parseInt(marker, 10) : 1, items }, next];
}

function opensItem(line, margin, ordered) {
  const found = ITEM.exec(line);
  return found !== null && Math.abs(found[1].length - margin) < 2 && /\d/.test(found[2]) === ordered && !RULE.test(line);
}

function endOfItem(lines, from, margin) {
  let end = from;
  while (end < lines.length) {
    const follower = afterEmpty(lines, end);
    if (follower === lines.length) return end;
    const deeper = lines[follower].search(/\S/) >= margin + 2;
    // A line that only goes on with a sentence needs no indentation.
    const goesOn = follower === end && isProse(lines[follower]);
    if (!deeper && !goesOn) return end;
    end = follower + 1;
  }
  return end;
}

function insideOf(lines) {
  const width = ITEM.exec(lines[0])[0].length;
  return [lines[0].slice(width), ...lines.slice(1).map((line) => without(line, width))].join("\n");
}

function tabled(lines, at) {
  let end = at + 2;
  while (end < lines.length && lines[end].includes("|")) end += 1;
  return [{ kind: "table", head: cellsOf(lines[at]), rows: lines.slice(at + 2, end).map(cellsOf) }, end];
}

function paragraph(lines, at) {
  let end = at + 1;
  while (end < lines.length && isProse(lines[end])) end += 1;
  return [{ kind: "paragraph", text: lines.slice(at, end).join("\n") }, end];
}

const isProse = (line) => line.trim() !== "" && ![FENCE, HEADING, RULE, QUOTE, ITEM].some((shape) => shape.test(line));
const cellsOf = (line) => line.trim().replace(/^\||\|$/g, "").split("|").map((cell) => cell.trim());

function without(line, indent) {
  return line.slice(Math.min(indent, Math.max(line.search(/\S/), 0)));
}

function afterEmpty(lines, from) {
  let at = from;
  while (at < lines.length && !lines[at].trim()) at += 1;
  return at;
}
