"""The schemas of one operation as trees of lines, and the way to what lies deep in them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from dynaclient.client import Client
from dynaclient.document.document import Node, escape
from dynaclient.prompt.render import styled
from dynaclient.schema.outline import Member, Outlines, one_line

if TYPE_CHECKING:
    from rich.text import Text
    from rich.tree import Tree

MAX_DEPTH = 8

Place = tuple[str, str]
Step = tuple[Node, tuple[Place, ...], str]
"""A schema, the places that enclose it, and its path: `body/customerSession`."""


class Forest:
    """Trees of the schemas of one operation. What an earlier tree shows whole is not shown again."""

    def __init__(self, client: Client, folded: list[str]) -> None:
        self.outlines = Outlines(client.document)
        self.folded = folded
        """The paths of what was cut off so far."""
        self._shown: set[Place] = set()

    def tree(self, member: Member, path: str, room: int, *, about: bool = True) -> Tree:
        """The tree of a schema that stands at `path`, grown as deep as fits into `room` lines."""
        from rich.tree import Tree

        place = self.outlines.inner(member.node).place
        if place in self._shown:
            above = "as above" if self.outlines.members(member.node) else ""
            return Tree(self._label(member, above, about))
        step, depth = (member.node, (), path), self.depth(member.node, room)
        tree = Tree(self._label(member, self._cut(step, depth), about), guide_style="dim")
        if depth:
            self._shown.add(place)
        self._grow(tree, step, depth)
        return tree

    def depth(self, node: Node, room: int) -> int:
        """The greatest depth at which a tree has no more than `room` lines below its label."""
        depths = range(MAX_DEPTH, 0, -1)
        return next((depth for depth in depths if self._count(node, (), depth, room) <= room), 0)

    def step(self, node: Node, token: str, seen: set[Place] | None = None) -> Node | None:
        """The schema that `token` leads to: a property, an index, or a property of one of several choices."""
        outline, members = self.outlines.of(node), self.outlines.members(node)
        seen = set() if seen is None else seen
        if outline.place in seen:  # choices may lead back
            return None
        seen.add(outline.place)
        for each in members:
            if token == each.label:
                return each.node
        if token.isdigit() and outline.items is not None and not outline.properties:
            return outline.items
        deeper = (self.step(each.node, token, seen) for each in members if each.choice)
        others = (each for label, each in outline.others if label == "(any other name)")
        return next((each for each in (*deeper, *others) if each is not None), None)

    def _count(self, node: Node, above: tuple[Place, ...], depth: int, limit: int) -> int:
        """How many lines the tree below `node` has; stops soon after `limit`."""
        members, inside = self._inside(node, above, depth)
        count = len(members)
        for each in members:
            if count > limit:
                break
            count += self._count(each.node, inside, depth - 1, limit - count)
        return count

    def _inside(
        self, node: Node, above: tuple[Place, ...], depth: int
    ) -> tuple[Sequence[Member], tuple[Place, ...]]:
        """The members of `node`, none for what is cut, and the places that enclose them."""
        place = self.outlines.inner(node).place
        if depth == 0 or place in above:
            return (), above
        return self.outlines.members(node), (*above, place)

    def _grow(self, tree: Tree, step: Step, depth: int) -> None:
        node, above, path = step
        members, inside = self._inside(node, above, depth)
        for each in members:
            below = (each.node, inside, f"{path}/{escape(each.label)}")
            self._grow(tree.add(self._label(each, self._cut(below, depth - 1))), below, depth - 1)

    def _cut(self, step: Step, depth: int) -> str:
        """The mark of what has more in it than is shown, which is noted."""
        node, above, path = step
        if self._inside(node, above, depth)[0] or not self.outlines.members(node):
            return ""
        self.folded.append(path)
        return "..."

    def _label(self, member: Member, mark: str, about: bool = True) -> Text:
        """Name, type, a mark, limits and what it is `about`, on a line; the end may be cut off."""
        limits = ", ".join(self.outlines.limits(member.node))
        words = one_line(self.outlines.of(member.node).description) if about else ""
        label = styled(member.label + "*" * member.required, "italic" if member.choice else "bold")
        label.no_wrap, label.overflow = True, "ellipsis"
        kind = self.outlines.kind(member.node)
        for text, style in ((kind, "cyan"), (mark, ""), (limits, "yellow"), (words, "dim")):
            label.append_text(styled(f"  {text}" if text else "", style))
        return label
