"""Draw mutants: the code with one thing changed. Knows nothing of tests.

cosmic-ray makes them: a condition negated, a boundary moved, `and` for `or`, a number one off, an empty loop. One
kind is added: a statement left out.
"""

import ast
import difflib
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.operators.operator import Example, Operator
from cosmic_ray.plugins import get_operator
from parso.python.tree import Keyword

# What people get wrong; not, as cosmic-ray also can, `x ** 2` for `x + 2`, which any test sees.
OPERATORS = (
    "AddNot",
    "NumberReplacer",
    "ZeroIterationForLoop",
    "ReplaceAndWithOr",
    "ReplaceOrWithAnd",
    "ReplaceTrueWithFalse",
    "ReplaceFalseWithTrue",
    "ReplaceBreakWithContinue",
    "ReplaceContinueWithBreak",
    "ReplaceUnaryOperator_Delete_Not",
    "ReplaceUnaryOperator_USub_UAdd",
    "ReplaceBinaryOperator_Add_Sub",
    "ReplaceBinaryOperator_Sub_Add",
    "ReplaceBinaryOperator_Mul_Div",
    "ReplaceBinaryOperator_Div_Mul",
    "ReplaceBinaryOperator_FloorDiv_Mul",
    "ReplaceBinaryOperator_Mod_FloorDiv",
    "ReplaceComparisonOperator_Eq_NotEq",
    "ReplaceComparisonOperator_NotEq_Eq",
    "ReplaceComparisonOperator_Is_IsNot",
    "ReplaceComparisonOperator_IsNot_Is",
    "ReplaceComparisonOperator_Lt_LtE",
    "ReplaceComparisonOperator_Lt_GtE",
    "ReplaceComparisonOperator_LtE_Lt",
    "ReplaceComparisonOperator_LtE_Gt",
    "ReplaceComparisonOperator_Gt_GtE",
    "ReplaceComparisonOperator_Gt_LtE",
    "ReplaceComparisonOperator_GtE_Gt",
    "ReplaceComparisonOperator_GtE_Lt",
)


class RemoveStatement(Operator):  # type: ignore[misc] # cosmic-ray ships no types
    """An operator that leaves out a call nobody takes a value of, or a change of an attribute, an item or a sum."""

    def mutation_positions(self, node: Any) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
        if (
            node.parent is not None
            and node.parent.type == "simple_stmt"
            and (_is_call(node) or _changes(node))
        ):
            yield node.start_pos, node.end_pos

    def mutate(self, node: Any, index: int) -> Keyword:
        return Keyword("pass", node.start_pos, node.get_first_leaf().prefix)

    @classmethod
    def examples(cls) -> tuple[Example, ...]:
        return (Example("call()", "pass"),)


def _is_call(node: Any) -> bool:
    return bool(node.type == "atom_expr" and node.children[-1].get_first_leaf().value == "(")


def _changes(node: Any) -> bool:
    """Whether it assigns to more than a variable, without which the next line would not run at all."""
    if node.type != "expr_stmt":
        return False
    return bool(node.children[0].type == "atom_expr" or getattr(node.children[1], "value", "=") != "=")


@dataclass(frozen=True)
class Mutant:
    """A change of a file: the text before and after."""

    file: str
    before: str
    after: str

    @property
    def line(self) -> int:
        pairs = zip(self.before.splitlines(), self.after.splitlines(), strict=False)
        return next((number for number, (old, new) in enumerate(pairs, 1) if old != new), 1)

    @property
    def diff(self) -> str:
        lines = difflib.unified_diff(self.before.splitlines(), self.after.splitlines(), lineterm="", n=1)
        return "\n".join(f"    {line}" for line in islice(lines, 3, None))


def draw(root: Path, files: Sequence[str], seed: str, count: int) -> list[Mutant]:
    """Return different mutants: each place of each file is as likely as any other."""
    operators = [RemoveStatement(), *(get_operator(f"core/{name}")() for name in OPERATORS)]
    places: list[tuple[str, Operator, int]] = []
    for file in files:
        nodes = list(ast_nodes(get_ast((root / file).read_text())))
        for operator in operators:
            of_operator = [node for node in nodes for _ in operator.mutation_positions(node)]
            places += [(file, operator, nth) for nth, node in enumerate(of_operator) if not _is_marker(node)]
    random.Random(seed).shuffle(places)
    mutants = (_mutant(root, *place) for place in places)
    return list(islice((mutant for mutant in mutants if mutant is not None), count))


def _is_marker(node: Any) -> bool:
    """Whether it is the star that parts the parameters of a function, not an operator."""
    return bool(node.type == "operator" and "param" in node.parent.type)


def _mutant(root: Path, file: str, operator: Operator, nth: int) -> Mutant | None:
    """Return the mutant, or None for one that Python reads as what was there."""
    before = (root / file).read_text()
    after = mutate_code(before, operator, nth)
    return None if ast.dump(ast.parse(after)) == ast.dump(ast.parse(before)) else Mutant(file, before, after)
