"""Puts a price on what Jinja runs without asking its environment: loops, macros, joined and compared values, slices."""

from typing import cast

from jinja2 import TemplateError, nodes
from jinja2.visitor import NodeTransformer

from .purse import CHARACTERS

# So many steps is a call of a macro.
MACRO = 20


class Priced(NodeTransformer):
    """`_counted`, `_step`, `_text` and `_size` are filters of the sandbox."""

    def visit_For(self, node: nodes.For) -> nodes.Node:
        if node.recursive:
            raise TemplateError("recursive loops are not supported")
        price = _price(node)
        self.generic_visit(node)
        node.iter = _filtered(cast(nodes.Expr, node.iter), "_counted", price)
        return node

    def visit_Macro(self, node: nodes.Macro) -> nodes.Node:
        price = _price(node)
        self.generic_visit(node)
        node.body.insert(0, nodes.ExprStmt(_filtered(nodes.Const(None), "_step", MACRO * price)))
        return node

    def visit_CallBlock(self, node: nodes.CallBlock) -> nodes.Node:
        self.generic_visit(node)
        node.body.insert(0, nodes.ExprStmt(_filtered(nodes.Const(None), "_step", MACRO * _price(node))))
        return node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:
        self.generic_visit(node)
        node.nodes = [_filtered(one, "_text") for one in node.nodes]
        return _filtered(node, "_size")

    def visit_Compare(self, node: nodes.Compare) -> nodes.Node:
        self.generic_visit(node)
        node.expr = _filtered(node.expr, "_text")
        for operand in node.ops:
            operand.expr = _filtered(operand.expr, "_text")
        return node

    def visit_Getitem(self, node: nodes.Getitem) -> nodes.Node:
        self.generic_visit(node)
        return _filtered(node, "_size") if isinstance(node.arg, nodes.Slice) else node


def _filtered(node: nodes.Expr, name: str, *values: int) -> nodes.Filter:
    """The node, through one of our own filters."""
    return nodes.Filter(node, name, [nodes.Const(value) for value in values], [], None, None, lineno=node.lineno)


def _price(node: nodes.Node) -> int:
    """One step, and the texts that stand in the template itself."""
    texts = [str(one.data) for one in node.find_all(nodes.TemplateData)]
    texts += [one.value for one in node.find_all(nodes.Const) if isinstance(one.value, str)]
    return 1 + sum(map(len, texts)) // CHARACTERS
