// An answer in Markdown, shown while it grows: only what has changed is built anew.

import { blocksOf } from "./blocks.js";
import { copyButton } from "./copy.js";
import { element } from "./element.js";
import { inline } from "./inline.js";

export class Markdown {
  constructor() {
    this.element = element("div", { class: "markdown" });
    this._sources = [];
  }

  show(text) {
    const blocks = blocksOf(text);
    const same = blocks.findIndex((block, at) => block.source !== this._sources[at]);
    const from = same < 0 ? blocks.length : same;
    while (this.element.childNodes.length > from) this.element.lastChild.remove();
    this.element.append(...blocks.slice(from).map(nodeOf));
    this._sources = blocks.map((block) => block.source);
  }
}

const MAKERS = {
  heading: (block) => element(`h${Math.min(block.level + 2, 6)}`, {}, ...inline(block.text)),
  rule: () => element("hr"),
  paragraph: (block) => element("p", {}, ...inline(block.text)),
  quote: (block) => element("blockquote", {}, ...block.blocks.map(nodeOf)),
  code: (block) => codeBlock(block.text, block.language),
  list: (block) => {
    const items = block.items.map((blocks) => element("li", {}, ...itemNodes(blocks)));
    return element(block.ordered ? "ol" : "ul", { start: block.ordered && block.start !== 1 && block.start }, ...items);
  },
  table: (block) => {
    const row = (cells, tag) => element("tr", {}, ...cells.map((cell) => element(tag, {}, ...inline(cell))));
    const body = block.rows.map((cells) => row(cells, "td"));
    const table = element("table", {}, element("thead", {}, row(block.head, "th")), element("tbody", {}, ...body));
    return element("div", { class: "table", tabindex: "0", role: "region", "aria-label": "Table" }, table);
  },
};

function nodeOf(block) {
  return MAKERS[block.kind](block);
}

function itemNodes(blocks) {
  const [first, ...others] = blocks;
  if (first?.kind !== "paragraph") return blocks.map(nodeOf);
  return [...inline(first.text), ...others.map(nodeOf)];
}

export function codeBlock(text, name) {
  const top = element("div", { class: "code-top" }, element("span", {}, name || "code"), copyButton(() => text));
  const pre = element("pre", { tabindex: "0", "aria-label": name ? `Code, ${name}` : "Code" }, element("code", {}, text));
  return element("div", { class: "code-block" }, top, pre);
}
