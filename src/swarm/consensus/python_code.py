"""Python by its syntax tree: without comments and docstrings, and with names that are local to a function folded."""

import ast
import warnings
from collections.abc import Iterator, Sequence

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
SCOPES = (*FUNCTIONS, *COMPREHENSIONS, ast.ClassDef)


def canonical(code: str) -> str | None:
    """None for what is no Python."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)
            warnings.simplefilter("ignore", DeprecationWarning)
            tree = ast.parse(code)
        return ast.unparse(_Folding().visit(_Undocumented().visit(tree)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


class _Undocumented(ast.NodeTransformer):
    """Without texts that nobody reads."""

    def generic_visit(self, node: ast.AST) -> ast.AST:
        super().generic_visit(node)
        body = getattr(node, "body", None)
        if isinstance(body, list):
            kept = [one for one in body if not _is_text(one)]
            vars(node)["body"] = kept or ([] if isinstance(node, ast.Module) else [ast.Pass()])
        return node


class _Folding(ast.NodeTransformer):
    """Local names become @0, @1 ..., which no other name is, in the order in which they come up; those of modules and
    classes are for others."""

    def __init__(self) -> None:
        self._known: list[dict[str, str]] = []
        self._taken = 0

    def visit_Name(self, node: ast.Name) -> ast.AST:
        node.id = self._of(node.id)
        return node

    def visit_arg(self, node: ast.arg) -> ast.AST:
        self.generic_visit(node)
        node.arg = self._of(node.arg)
        return node

    def visit_Nonlocal(self, node: ast.Nonlocal) -> ast.AST:
        node.names = [self._of(name) for name in node.names]
        return node

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> ast.AST:
        node.name = self._of(node.name) if node.name else None
        return self.generic_visit(node)

    def visit_Lambda(self, node: ast.Lambda) -> ast.AST:
        return self._inside(node, _locals(node))

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.name = self._of(node.name)
        return self._inside(node, _locals(node))

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        node.name = self._of(node.name)
        return self._inside(node, _locals(node))

    def generic_visit(self, node: ast.AST) -> ast.AST:
        if isinstance(node, COMPREHENSIONS):
            return self._inside(node, _targets(node.generators))
        return super().generic_visit(node)

    def _inside(self, node: ast.AST, names: Sequence[str]) -> ast.AST:
        folded = {}
        for name in dict.fromkeys(names):
            folded[name] = f"@{self._taken}"
            self._taken += 1
        self._known.append(folded)
        super().generic_visit(node)
        self._known.pop()
        return node

    def _of(self, name: str) -> str:
        return next((known[name] for known in reversed(self._known) if name in known), name)


def _locals(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> list[str]:
    """Parameters first, then what is assigned to."""
    given = node.args
    names = [one.arg for one in (*given.posonlyargs, *given.args, *given.kwonlyargs)]
    names += [one.arg for one in (given.vararg, given.kwarg) if one]
    body = [node.body] if isinstance(node, ast.Lambda) else node.body
    inner = [one for statement in body for one in _own(statement)]
    elsewhere = {name for one in inner if isinstance(one, ast.Global | ast.Nonlocal) for name in one.names}
    return [name for name in [*names, *(name for one in inner for name in _bound(one))] if name not in elsewhere]


def _own(node: ast.AST) -> Iterator[ast.AST]:
    """What belongs to the same function."""
    yield node
    if not isinstance(node, SCOPES):
        for child in ast.iter_child_nodes(node):
            yield from _own(child)


def _bound(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Name(id=name, ctx=ast.Store()):
            yield name
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
            yield name
        case ast.ExceptHandler(name=str(name)):
            yield name


def _targets(generators: Sequence[ast.comprehension]) -> list[str]:
    every = (one for generator in generators for one in ast.walk(generator.target))
    return [one.id for one in every if isinstance(one, ast.Name)]


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
