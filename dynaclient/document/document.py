"""The opened document: its tree, its locations, and its references."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Any, Protocol, cast
from urllib.parse import unquote

from dynaclient._support.messages import pluralize
from dynaclient._support.prose import visible
from dynaclient.document.lazy_tree import materialized
from dynaclient.document.node import NOWHERE, Node, OperationEntry, join, rebase, stated_version, tokens
from dynaclient.errors import DocumentError, Finding

MAX_DEPTH = 20
"""How many pointers may go on behind a reference, one inside the other."""
MAX_REFERENCES = 100
"""How many Reference Objects may point at each other in a row before it is a circle."""


class Unresolvable(DocumentError):
    """A reference that does not resolve."""


_CIRCLE = "leads in a circle"

Load = Callable[[str], Any]
"""uri -> tree of that file; raises DocumentError where it may not or cannot be read."""


def _nothing_else(uri: str) -> Any:
    raise DocumentError(f"{uri} is outside the document, and reading others is not allowed")


class Notes(Protocol):
    """Where findings about a document are kept between processes: see `cache.KeptFindings`."""

    def read(self, of: str) -> list[Finding] | None:
        """What `write` kept; None where there is nothing."""

    def write(self, of: str, findings: Iterable[Finding]) -> None:
        """Keep findings, of which `of` tells what they follow from."""


class Document:
    """An OpenAPI document, opened: the tree, where it came from, and what was found wrong on the way.

    `version` is (3, 0), (3, 1) or (3, 2); a Swagger 2.0 document was brought to (3, 0) at opening.
    """

    def __init__(
        self,
        source: dict[str, Any],
        version: tuple[int, int],
        uri: str = "",
        name: str = "",
        load: Load = _nothing_else,
        findings: Iterable[Finding] = (),
        upgraded: bool = False,
        retrieved: str = "",
        entries: list[OperationEntry] | None = None,
        notes: Notes | None = None,
        origins: Mapping[str, str] | None = None,
    ) -> None:
        self.source = source
        """The tree. Of a document from the cache, pieces are read when they are looked at: see `tree`."""
        self.version = version
        self.uri = uri
        self.name = name
        self.load = load
        self.findings = [*findings]
        self.upgraded = upgraded
        """Whether it was a Swagger 2.0 document."""
        self.retrieved = retrieved
        """Where the root was read from, for relative servers; `uri` is `$self` where 3.2 gives one."""
        self.entries = entries
        """Where its operations stand, if that is known already (see `operations`)."""
        self.notes = notes
        """Where findings about it are kept, if anywhere."""
        self.origins: Mapping[str, str] = origins or {}
        """The overlay that a part of the root came from, by its pointer."""
        self._files: dict[str, Any] = {uri: source}
        self._versions: dict[str, tuple[int, int]] = {}
        """Of the files that speak another version than the root."""
        self._old: dict[str, dict[str, Any]] = {}
        """The files of Swagger 2.0 below a root that was one: which of their schemas were brought to 3.0."""
        self._moved = {uri: _definitions_moved} if upgraded else {}
        """Of files that were brought to 3.0 as a whole: where what a reference names is since then."""
        self._marked: dict[str, Node] | None = None
        self._kept = set(self.findings)
        """`findings`, to look one up: thousands of references may lead nowhere."""

    def __repr__(self) -> str:
        version = ".".join(map(str, self.version))
        found = pluralize(len(self.findings), "finding")
        return visible(f"<Document {self.name or self.uri}: OpenAPI {version}, {found}>")

    @property
    def root(self) -> Node:
        """The root of the tree."""
        return Node(self.source, "", "", self.uri)

    @property
    def files(self) -> list[str]:
        """The URIs of the files that were read so far."""
        return [*self._files]

    @cached_property
    def tree(self) -> dict[str, Any]:
        """The whole tree, as plain data: for what does not ask for each member by itself."""
        return cast("dict[str, Any]", materialized(self.source))

    def version_of(self, node: Node) -> tuple[int, int]:
        """The version by which the location `node` is read: that of its file, else that of the root."""
        return self._versions.get(node.uri, self.version)

    def speaker(self, node: Node) -> Node:
        """The root of the file that says the version by which `node` is read."""
        return self._file(node.uri) if node.uri in self._versions else self.root

    def find(self, node: Node, message: str, meaning: str = "", severity: Any = "warning") -> Finding:
        """Note a finding at `node`, once."""
        finding = self.attributed(Finding(node.place, severity, message, meaning))
        self._keep(finding)
        return finding

    def attributed(self, finding: Finding) -> Finding:
        """`finding`, with the name of the overlay where what it is about came from one."""
        if not self.origins or "#" in finding.pointer:
            return finding
        from dynaclient.document.overlay import origin_of_pointer  # late: 2 ms

        name = origin_of_pointer(self.origins, self._as_read(finding.pointer))
        said = f" (from {name})"
        if not name or finding.message.endswith(said):
            return finding
        return Finding(finding.pointer, finding.severity, f"{finding.message}{said}", finding.meaning)

    def _as_read(self, pointer: str) -> str:
        """Where a schema of Swagger 2.0 stood before it was brought to 3.0."""
        moved, kept = "/components/schemas/", "/definitions/"
        return pointer.replace(moved, kept, 1) if self.upgraded and pointer.startswith(moved) else pointer

    def _keep(self, finding: Finding) -> None:
        if finding not in self._kept:
            self._kept.add(finding)
            self.findings.append(finding)

    def follow(self, node: Node, depth: int = 0) -> Node:
        """What a Reference Object at `node` leads to, or `node` itself where it is none.

        Raises Unresolvable where it does not resolve or in a circle. `depth`: how many references are being
        followed already.
        """
        start = node
        for _ in range(MAX_REFERENCES):
            ref = node.value.get("$ref") if isinstance(node.value, dict) else None
            if not isinstance(ref, str):
                return node
            node = self.resolve(ref, self._rebased(node), depth)
        raise self._unresolvable(start, f"$ref {start.value['$ref']!r} {_CIRCLE}")

    def followed(self, node: Node) -> Node | None:
        """As `follow`; None where it does not resolve."""
        try:
            return self.follow(node)
        except DocumentError:
            return None

    def opened(self, node: Node | None) -> Node:
        """What stands at `node`, with the members beside its `$ref` laid over what that leads to.

        For Path Items, and for the maps and operations that published documents keep in files of
        their own. An empty location where there is none, or where the reference does not resolve: a finding.
        """
        if node is None:
            return NOWHERE
        if not isinstance(node.value, dict) or not isinstance(node.value.get("$ref"), str):
            return node
        own = {key: value for key, value in node.value.items() if key != "$ref"}
        try:
            target = self.follow(node)
        except DocumentError as error:
            self.note(error)
            return Node(own, node.uri, node.pointer, node.base)
        if own and isinstance(target.value, dict):
            return Node({**target.value, **own}, target.uri, target.pointer, target.base)
        return target

    def note(self, error: DocumentError) -> None:
        """Keep the findings of `error`, each once."""
        for finding in error.findings:
            self._keep(finding)

    def resolve(self, ref: str, node: Node, depth: int = 0) -> Node:
        """The location that the text of a `$ref` at `node` names (RFC 3986 and RFC 6901).

        Raises Unresolvable, which names both places.
        """
        if depth > MAX_DEPTH:
            raise self._unresolvable(node, f"$ref {ref!r} {_CIRCLE}")
        try:
            target = self._as_written(ref, node, depth)
            return self._in_30(target) if target.uri in self._old and not depth else target
        except (KeyError, IndexError, DocumentError) as error:
            found = self._as_meant(ref, node, depth)
            if found is not None:
                return found
            if isinstance(error, Unresolvable) and str(error.args[0]).endswith(_CIRCLE):
                raise self._unresolvable(node, f"$ref {ref!r} {_CIRCLE}") from None
            why = f": {error.args[0]}" if isinstance(error, DocumentError) else ": not found"
            raise self._unresolvable(node, f"$ref {ref!r} cannot be resolved{why}") from None

    def _as_written(self, ref: str, node: Node, depth: int) -> Node:
        target, _, fragment = ref.partition("#")
        uri = join(node.base, target) if target else node.base
        try:
            return self._within(uri, fragment, depth)
        except (KeyError, IndexError, DocumentError):
            if target or uri == self.uri:
                raise
            # `#/components/...` in a part file means the root where the part has none
            return self._within(self.uri, fragment, depth)

    def _as_meant(self, ref: str, node: Node, depth: int) -> Node | None:
        """What a reference that does not resolve must have meant, with a finding; None where nobody knows."""
        from dynaclient.document.reference_repair import readings  # late: 2 ms

        for reading in readings(ref, node.pointer):
            try:
                found = self._as_written(reading, node, depth)
            except (KeyError, IndexError, DocumentError):
                continue
            self.find(node, f"$ref {ref!r} does not resolve", f"it is read as {reading}")
            return found
        return None

    def _unresolvable(self, node: Node, message: str) -> Unresolvable:
        meaning = "what needs it cannot be used"
        finding = self.attributed(Finding(node.place, "error", message, meaning))
        return Unresolvable(finding.message, [finding])

    def _within(self, uri: str, fragment: str, depth: int) -> Node:
        resource = self._resource(uri)
        if uri in self._moved:
            fragment = self._moved[uri](f"#{fragment}")[1:]
        if fragment and not fragment.startswith("/"):
            pointed = unquote(fragment)
            if pointed.startswith("/"):
                return self._descend(resource, pointed, depth)
            return self._marks()[f"{uri}#{pointed}"]
        return self._descend(resource, fragment, depth)

    def _resource(self, uri: str) -> Node:
        if uri in self._files:
            return self._file(uri)
        if (self._versions or self.version >= (3, 1)) and uri in self._marks():
            return self._marks()[uri]
        self._files[uri] = self._taken(uri, self.load(uri))
        self._marked = None
        return self._file(uri)

    def _taken(self, uri: str, tree: Any) -> Any:
        """The tree of another file, which is read by its own version where it says one."""
        stated = stated_version(tree)
        if self.upgraded and stated in (None, (2, 0)):
            self._old[uri] = {}
        elif stated == (2, 0):
            return self._upgraded(uri, tree)
        elif stated is not None and stated >= (3, 0):
            self._versions[uri] = stated
        return tree

    def _upgraded(self, uri: str, tree: Any) -> Any:
        from dynaclient.document.swagger import upgrade  # late: 10 ms
        from dynaclient.document.swagger_refs import Places  # late: 3 ms

        old = materialized(tree)
        new, findings = upgrade(old, uri, self.load)
        self._moved[uri], self._versions[uri] = Places(old).moved, (3, 0)
        for each in findings:
            place = each.pointer if "#" in each.pointer else f"{uri}#{each.pointer}"
            self._keep(Finding(place, each.severity, each.message, each.meaning))
        return new

    def _in_30(self, node: Node) -> Node:
        """A schema of a part file of Swagger 2.0 in the words of 3.0; all else of it is in the root."""
        from dynaclient.document.swagger import in_part  # late: 10 ms

        known = self._old[node.uri]
        if node.pointer not in known:
            known[node.pointer] = in_part(node.value)
        return Node(known[node.pointer], node.uri, node.pointer, node.base)

    def _file(self, uri: str) -> Node:
        """The root of a file that was read."""
        return Node(self._files[uri], "" if uri == self.uri else uri, "", uri)

    def _descend(self, node: Node, pointer: str, depth: int) -> Node:
        for part in pointer.split("/")[1:]:
            node = self._step(self._rebased(node), part, depth)
        return node

    def _rebased(self, node: Node) -> Node:
        return rebase(node) if self.version_of(node) >= (3, 1) else node

    def _step(self, node: Node, part: str, depth: int) -> Node:
        value = node.value
        if isinstance(value, list):
            return (
                node.child(int(part))
                if re.fullmatch("0|[1-9][0-9]{0,8}", part)
                else self._step(Node({}), part, depth)
            )
        for token in (part.replace("~1", "/").replace("~0", "~"), tokens("/" + unquote(part))[0], part):
            if isinstance(value, dict) and token in value:
                return node.child(token)
        if isinstance(value, dict) and isinstance(value.get("$ref"), str):
            return self._step(
                self.follow(node, depth + 1), part, depth + 1
            )  # a pointer that goes on behind a reference
        raise KeyError(part)

    def _marks(self) -> dict[str, Node]:
        """Every `$id`, `$anchor` and `$dynamicAnchor` of the files read so far, by absolute URI."""
        if self._marked is None:
            from dynaclient.document.reference_repair import marks  # late: 2 ms

            files = map(self._file, self._files)
            self._marked = marks(each for each in files if self.version_of(each) >= (3, 1))
        return self._marked


def _definitions_moved(ref: str) -> str:
    """Where the schemas of a root of Swagger 2.0 are since it was brought to 3.0."""
    return f"#/components/schemas/{ref[14:]}" if ref.startswith("#/definitions/") else ref
