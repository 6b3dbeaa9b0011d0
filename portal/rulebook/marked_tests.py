"""Counting the tests that hold a clause, from the tests' source: nothing is imported or run."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

Definition = ast.FunctionDef | ast.AsyncFunctionDef


def count_marked(folder: Path) -> Counter[str]:
    """How many test functions under `folder` are marked `pytest.mark.clause(id)`, for each id.

    A mark on a class or on the module (`pytestmark`) counts for each of its tests.
    """
    found: Counter[str] = Counter()
    for path in sorted(folder.rglob("test_*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
        found.update(_marks_in(tree.body, _module_marks(tree.body)))
    return found


def _marks_in(body: Iterable[ast.stmt], outer: set[str]) -> Iterator[str]:
    for node in body:
        if isinstance(node, ast.ClassDef):
            yield from _marks_in(node.body, outer | _marks(node.decorator_list) | _module_marks(node.body))
        elif isinstance(node, Definition) and node.name.startswith("test"):
            yield from outer | _marks(node.decorator_list)


def _module_marks(body: Iterable[ast.stmt]) -> set[str]:
    values = [
        node.value
        for node in body
        if isinstance(node, ast.Assign)
        and any(isinstance(target, ast.Name) and target.id == "pytestmark" for target in node.targets)
    ]
    return _marks(
        each for value in values for each in (value.elts if isinstance(value, ast.List) else [value])
    )


def _marks(expressions: Iterable[ast.expr]) -> set[str]:
    """The clauses marked anywhere in the expressions: also on a single parameter of `parametrize`."""
    return {clause for each in expressions for node in ast.walk(each) for clause in _clauses(node)}


def _clauses(node: ast.AST) -> Iterator[str]:
    if not isinstance(node, ast.Call) or ast.unparse(node.func) != "pytest.mark.clause":
        return
    for argument in node.args:
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
            yield argument.value
