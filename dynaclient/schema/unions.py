"""Which member of a union (`anyOf`, `oneOf`) a value was meant for that meets none of them."""

from __future__ import annotations

from collections.abc import Sequence

from dynaclient.schema.backend import Problem

_SAME, _OTHER_TAG, _OTHER_TYPE = range(3)

Ranks = dict[int, int]
"""How far a value is from the nearest member of each union that was looked at, by its `id`."""


def rank(union: Problem, ranks: Ranks) -> int:
    """How far the value is from the nearest member; the unions in `union` are in `ranks`."""
    return min(_far(union, branch, ranks) for branch in union.branches)


def closest(union: Problem, ranks: Ranks) -> Sequence[Problem]:
    """The problems of the one member whose type and tags fit the value, where there is just one."""
    far = [_far(union, branch, ranks) for branch in union.branches]
    fitting = [branch for branch, each in zip(union.branches, far, strict=True) if each == min(far)]
    return fitting[0] if len(fitting) == 1 and min(far) < _OTHER_TYPE else ()


def nearest_members(union: Problem, ranks: Ranks) -> list[int]:
    """The indexes of the members, the nearest to the value first."""
    far = [(_far(union, branch, ranks), _left(branch), index) for index, branch in enumerate(union.branches)]
    return [index for *_, index in sorted(far)]


def _far(union: Problem, branch: Sequence[Problem], ranks: Ranks) -> int:
    """Whether the value is of another type than the member asks for, or of another kind by a property."""
    depth = len(union.path)
    own = [problem for problem in branch if len(problem.path) == depth]
    if any(each.keyword == "type" or ranks.get(id(each)) == _OTHER_TYPE for each in own):
        return _OTHER_TYPE
    tags = (problem for problem in branch if problem.keyword in ("const", "enum"))
    other_tag = any(len(problem.path) == depth + 1 for problem in tags)
    return _OTHER_TAG if other_tag or any(ranks.get(id(each)) == _OTHER_TAG for each in own) else _SAME


def _left(branch: Sequence[Problem]) -> int:
    """How much would have to change."""
    return sum(max(1, len(problem.names)) for problem in branch)
