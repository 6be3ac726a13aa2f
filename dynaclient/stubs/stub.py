"""The stub of a document: one class with an operation for each attribute, and the types of their schemas."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from inspect import Parameter
from keyword import iskeyword

from dynaclient._support.messages import pluralize
from dynaclient._support.recursion import at_any_depth
from dynaclient.calls.signature import documentation
from dynaclient.client import Client
from dynaclient.document.document import Document
from dynaclient.document.parameters import normal, unique
from dynaclient.schema.summary import Outlines
from dynaclient.stubs.annotations import (
    ANY,
    NONE,
    WIDTH,
    Annotation,
    Mark,
    Named,
    Values,
    Word,
    comment,
    docstring,
    laid_lines,
    literal,
    names_in,
    optional,
    paragraph,
    renamed,
    subscript,
)
from dynaclient.stubs.operation_types import Argument, OperationTypes, operation_types
from dynaclient.stubs.schema_types import Definition, SchemaTypes, TypedItem, camel, mentioned

IMPORTS: Mapping[str, tuple[str, ...]] = {
    "collections.abc": ("Iterable", "Mapping", "Sequence"),
    "datetime": ("date", "datetime"),
    "decimal": ("Decimal",),
    "typing": ("Any", "ClassVar", "Literal", "TypeAlias", "Union", "overload"),
    "uuid": ("UUID",),
    "dynaclient": ("AsyncClient", "AsyncStreamedResponse", "Client", "Operation", "StreamedResponse"),
    "dynaclient.calls.streaming": ("Streaming",),
    "dynaclient.document.operations": ("Operations",),
    "dynaclient.stubs.typed": ("Binary", "CallOptions", "FilePart", "TypedOperation", "TypedResponse"),
    "requests": ("PreparedRequest",),
    "typing_extensions": ("Never", "NotRequired", "ReadOnly", "Self", "TypedDict", "deprecated"),
}
"""Where the names of a stub come from, in the order of the imports; the standard library's first."""

_STANDARD = 5
_ALWAYS = """
Any CallOptions ClassVar Literal Mapping Operation Operations PreparedRequest Self
Streaming TypeAlias TypedOperation TypedResponse overload
""".split()
_TYPES_TELL = ("one of ", "each one of ", "is ", "each is ", "read only", "write only", "no other properties")
"""How limits begin that a type states by itself."""
_MARKS = {
    "Union": "Union[\n",
    "TypedDict": "TypedDict",
    "Never": "TypeAlias = Never",
    "deprecated": "@deprecated(",
}
"""Of what is not in the annotations themselves, how it stands in the text."""
_RESERVED = {name for names in IMPORTS.values() for name in names} | {"None", "True", "False"}
_LONGEST = 60
"""Characters of the name of a class."""
_INDENT = "    "
_IGNORED = "# type: ignore[assignment, misc, override, unused-ignore]"
"""Behind what a stub declares otherwise than a Client on purpose."""


def stub(client: Client, name: str, made_by: str, *, awaited: bool = False) -> str:
    """The text of a stub whose class is called `name`; `made_by`: the command, as it is repeated.

    `awaited`: of an AsyncClient, whose calls are awaited.
    """
    return at_any_depth(lambda: _Stub(client, name, awaited).text(made_by))


def digest(document: Document) -> str:
    """SHA-256 of what a document says, however it is written: YAML or JSON, indented or not."""
    return sha256(json.dumps(document.tree, default=str).encode()).hexdigest()


@dataclass
class _View:
    """The definitions of one direction, and what each is called."""

    types: SchemaTypes
    used: set[str]
    """The names that need an import, of both directions."""
    names: dict[Mark, str] = field(default_factory=dict)

    def shown(self, annotation: Annotation) -> Annotation:
        """`annotation` with the names of definitions."""
        found = renamed(annotation, lambda mark: Word(self.names[mark]))
        self.used.update(names_in(found))
        return found


class _Stub:
    def __init__(self, client: Client, name: str, awaited: bool) -> None:
        self.client = client
        self.name = name
        self.base = "AsyncClient" if awaited else "Client"
        self.stream = Word("AsyncStreamedResponse" if awaited else "StreamedResponse")
        self.define = "async def" if awaited else "def"
        self.enter = "async def __aenter__" if awaited else "def __enter__"
        self.document = client.document
        self.outlines = Outlines(client.document)
        self.used: set[str] = {*_ALWAYS, self.base, *names_in(self.stream)}
        self.outgoing = _View(SchemaTypes(client.document, "request"), self.used)
        self.incoming = _View(SchemaTypes(client.document, "response"), self.used)
        self.operations = [
            operation_types(each, client.document, self.outgoing.types, self.incoming.types)
            for each in client.operations.values()
            if not each.problem
        ]
        self.classes: dict[str, str] = {}
        self.shared: set[Mark] = set()
        self.definitions = self._name_all()

    # -- names ----------------------------------------------------------------------------------------

    def _name_all(self) -> list[tuple[_View, Definition]]:
        """Give each definition its name. One that is the same in both directions is there once."""
        out, into = self.outgoing.types.definitions, self.incoming.types.definitions
        shared = self.shared = _shared(out, into)
        written = [(self.incoming, each, each.wanted) for each in into.values()]
        for mark, each in out.items():
            if mark not in shared:
                written.append((self.outgoing, each, f"{each.wanted}Input" if mark in into else each.wanted))
        written.sort(key=lambda row: row[1].mark)
        written.sort(key=lambda row: len(row[1].mark))  # what the document names comes first
        operations = [_short(f"{camel(each.operation.attribute)}Operation") for each in self.operations]
        taken = {*_RESERVED, self.name, *(f"{self.name}{each}" for each in ("ByName", "Operations", "Key"))}
        names = unique([*(_short(name) for *_, name in written), *operations], taken)
        self.classes = dict(
            zip((each.operation.key for each in self.operations), names[len(written) :], strict=True)
        )
        for (view, each, _), name in zip(written, names, strict=False):
            view.names[each.mark] = name
        for mark in shared:
            self.outgoing.names[mark] = self.incoming.names[mark]
        return [(view, each) for view, each, _ in written]

    # -- the text -------------------------------------------------------------------------------------

    def text(self, made_by: str) -> str:
        blocks = [*self._client(), *map(self._operation, self.operations)]
        blocks += [self._definition(view, each) for view, each in self.definitions]
        body = "\n\n".join("\n".join(block) for block in blocks)
        used = self.used | {name for name, mark in _MARKS.items() if mark in body}
        return "\n".join([*self._head(made_by), "", *_imports(used), "", body, ""])

    def _title(self) -> str:
        info = self.document.root.get("info")
        title = f"{info.text('title')} {info.text('version')}".strip() if info else ""
        return " ".join(title.split())

    def _head(self, made_by: str) -> list[str]:
        count = pluralize(len(self.operations), "operation")
        return [
            *comment(f"Made by: {made_by}", ""),
            *comment(f"From: {self._title()}, {count}", ""),
            f"# SHA-256 of its content: {digest(self.document)}",
        ]

    def _client(self) -> Iterator[list[str]]:
        keys = _all_keys(self.operations)
        if keys.values:
            yield laid_lines(f"{self.name}Key: TypeAlias = ", keys, "", "")
        else:
            yield [f"{self.name}Key: TypeAlias = Never"]
        yield [
            f"class {self.name}Operations(Operations):",
            f"    def __getitem__(self, name: {self.name}Key) -> Operation: ...  # type: ignore",
        ]
        yield [f"class {self.name}ByName({self.base}):", *self._by_name()]
        lines = [f"class {self.name}({self.name}ByName):"]
        lines += docstring(paragraph(f"The client of {self._title() or 'the document'}.", _INDENT), _INDENT)
        for each in self.operations:
            named = Word(self.classes[each.operation.key])
            lines += ["", *laid_lines(f"{each.operation.attribute}: ", named, "", _INDENT)]
            about = each.operation.summary or f"{each.operation.method} {each.operation.path}"
            lines += docstring(paragraph(about, _INDENT), _INDENT)
        yield lines

    def _by_name(self) -> list[str]:
        """What a Client has that takes the name of an operation; and that it has no other attributes."""
        operation = Argument("operation", Parameter.POSITIONAL_ONLY, Word(f"{self.name}Key"), False)
        lines = [
            f"    __getattr__: ClassVar[None]  {_IGNORED}",
            f"    operations: {self.name}Operations  {_IGNORED}",
            "",
            f"    {self.enter}(self) -> Self: ...",
        ]
        if not self.operations:
            return lines
        return [
            *lines,
            *_overloaded(self._calls("call", operation)),
            *_overloaded(self._calls("send", operation)),
            *_overloaded([self._named("prepare", operation, ANY, Word("PreparedRequest"))]),
        ]

    def _calls(self, method: str, operation: Argument) -> Iterator[list[str]]:
        """`call` or `send`: a way for all operations of the same types."""
        for (bodies, result), alike in self._alike().items():
            given = Argument("operation", Parameter.POSITIONAL_ONLY, _all_keys(alike), False)
            for body in bodies or (None,):
                gives = self.incoming.shown(result)
                yield self._named(
                    method, given, body, subscript("TypedResponse", gives) if method == "send" else gives
                )
        streaming = Argument("options", Parameter.KEYWORD_ONLY, Word("Streaming"), False)
        yield self._named(method, operation, ANY, self.stream, streaming)

    def _alike(self) -> dict[tuple[tuple[Annotation, ...], Annotation], list[OperationTypes]]:
        """The operations by the types of their bodies and results."""
        found: dict[tuple[tuple[Annotation, ...], Annotation], list[OperationTypes]] = {}
        for each in self.operations:
            found.setdefault((tuple(each.bodies), each.result), []).append(each)
        return found

    def _named(
        self,
        method: str,
        operation: Argument,
        body: Annotation | None,
        result: Annotation,
        options: Argument | None = None,
    ) -> list[str]:
        """A method that takes the name of an operation, and the names of parameters as they come."""
        mapping = optional(subscript("Mapping", Word("str"), ANY))
        arguments = [operation, Argument("mapping", Parameter.POSITIONAL_ONLY, mapping, True)]
        if body is not None:
            needed = body != ANY and NONE not in getattr(body, "members", (body,))
            arguments.append(Argument("body", Parameter.KEYWORD_ONLY, self.outgoing.shown(body), not needed))
        arguments.append(options or _options())
        return _method(f"{self.define} {method}", arguments, result, "", _INDENT, names=True)

    # -- one operation --------------------------------------------------------------------------------

    def _operation(self, types: OperationTypes) -> list[str]:
        operation = types.operation
        result = self.incoming.shown(types.result)
        about = documentation(operation, self.document, schemas=False)
        lines = _class(self.classes[operation.key], "TypedOperation")
        lines += docstring(f"{operation.method} {operation.path}", _INDENT)
        lines += self._ways("__call__", types, result, about)
        sends = self._ways("send", types, subscript("TypedResponse", result), "")
        prepares = self._ways("prepare", types, Word("PreparedRequest"), "", streams=False)
        return [*lines, *sends, *prepares[1:]]

    def _ways(
        self, method: str, types: OperationTypes, result: Annotation, about: str, streams: bool = True
    ) -> list[str]:
        """A method with an overload for each type of body, and for a response that is read as it comes."""
        ways: list[tuple[Annotation | None, Argument, Annotation]] = []
        for body in types.bodies or (None,):
            ways.append((body, _options(), result))
            if types.streams and streams:
                streaming = Argument("options", Parameter.KEYWORD_ONLY, Word("Streaming"), False)
                ways.append((body, streaming, self.stream))
        lines: list[str] = []
        for body, options, gives in ways:
            before = [self._shown(each) for each in types.before]
            after = [self._shown(each) for each in types.after]
            if body is not None:
                needed = types.operation.body is not None and types.operation.body.required
                kind = Parameter.POSITIONAL_OR_KEYWORD
                before.append(Argument("body", kind, self.outgoing.shown(body), not needed))
            lines += [] if lines and lines[-1].endswith("...") else [""]
            lines += ["    @overload"] if len(ways) > 1 else []
            if types.operation.deprecated:
                words = literal(f"{types.operation.key} is deprecated")
                line = f"    @deprecated({words})"
                lines += [line] if len(line) <= WIDTH else ["    @deprecated(", f"        {words}", "    )"]
            lines += _method(f"{self.define} {method}", [*before, *after, options], gives, about, _INDENT)
        return lines

    def _shown(self, argument: Argument) -> Argument:
        annotation = self.outgoing.shown(argument.annotation)
        return Argument(argument.name, argument.kind, annotation, argument.optional)

    # -- definitions ----------------------------------------------------------------------------------

    def _definition(self, view: _View, made: Definition) -> list[str]:
        name = view.names[made.mark]
        about = paragraph(self.outlines.of(made.node).description, _INDENT) if made.node else ""
        if made.items is None:
            alias = laid_lines(f"{name}: TypeAlias = ", view.shown(made.alias), "", "")
            return alias + docstring(about, "")
        items = [(each, view.shown(_marked(each))) for each in made.items]
        extra = None if made.extra is None else view.shown(made.extra)
        is_read = view is self.incoming and made.mark not in self.shared
        words = [", closed=True"] if made.closed and is_read else []  # pyright would not name a wrong key
        if extra is not None:
            words = [f", extra_items={flat}" for flat in laid_lines("", extra, "", "")[:1]]
        note = "" if extra is None else "  # type: ignore[call-arg, unused-ignore]"
        used = {name for _, annotation in items for name in names_in(annotation)}
        if all(_is_plain(each.name) for each in made.items) and used.isdisjoint(
            each.name for each in made.items
        ):
            lines = _class(name, f"TypedDict{''.join(words)}", note)
            lines += docstring(about or ("" if items else "No properties."), _INDENT)
            lines += [""] if items and about else []
            for each, annotation in items:
                lines += laid_lines(f"{each.name}: ", annotation, "", _INDENT)
                lines += docstring(self._about(each), _INDENT)
            return lines
        lines = [f"{name} = TypedDict({note}", f"    {literal(name)},", "    {"]
        for each, annotation in items:
            lines += comment(self._about(each), _INDENT * 2)
            lines += laid_lines(f"{literal(each.name)}: ", annotation, ",", _INDENT * 2)
        return [*comment(about, ""), *lines, "    },", *(f"    {each[2:]}," for each in words), ")"]

    def _about(self, item: TypedItem) -> str:
        if item.node is None:
            return ""
        about = paragraph(self.outlines.of(item.node).description, _INDENT)
        limits = [each for each in self.outlines.limits(item.node) if not each.startswith(_TYPES_TELL)]
        return paragraph(f"{about} ({', '.join(limits)})", _INDENT) if limits else about


def _shared(out: Mapping[Mark, Definition], into: Mapping[Mark, Definition]) -> set[Mark]:
    """The definitions that say the same in both directions."""
    found = {mark for mark in out if mark in into and _content(out[mark]) == _content(into[mark])}
    while True:
        kept = {mark for mark in found if all(each.mark in found for each in _definitions_in(out[mark]))}
        if kept == found:
            return found
        found = kept


def _content(made: Definition) -> object:
    items = [(each.name, each.annotation, each.required, each.read_only) for each in made.items or ()]
    return made.items is None, items, made.extra, made.alias


def _definitions_in(made: Definition) -> Iterator[Named]:
    return (each for each in mentioned(made) if isinstance(each, Named))


def _marked(item: TypedItem) -> Annotation:
    found = subscript("ReadOnly", item.annotation) if item.read_only else item.annotation
    return found if item.required else subscript("NotRequired", found)


def _is_plain(name: str) -> bool:
    """Whether a class can declare it: an identifier, as Python reads it, and not mangled."""
    return name.isidentifier() and not iskeyword(name) and normal(name) == name and name[:2] != "__"


def _short(name: str) -> str:
    """`name`, or the last of its words where it would leave no room on a line."""
    for found in re.finditer(r"(?<!^)[A-Z]", name):
        if len(name) - found.start() <= _LONGEST < len(name):
            return name[found.start() :]
    return name[:_LONGEST]


def _class(name: str, base: str, note: str = "") -> list[str]:
    line = f"class {name}({base}):{note}"
    return [line] if len(line) <= WIDTH or note else [f"class {name}(", f"    {base}", "):"]


def _all_keys(several: Iterable[OperationTypes]) -> Values:
    """What operations are called by: first their ids, then `METHOD /path`."""
    operations = [each.operation for each in several]
    places = [f"{each.method} {each.path}" for each in operations]
    return Values(tuple(dict.fromkeys([*(each.key for each in operations), *places])))


def _options() -> Argument:
    return Argument("options", Parameter.KEYWORD_ONLY, optional(Word("CallOptions")), True)


def _method(
    start: str, arguments: list[Argument], result: Annotation, about: str, indent: str, names: bool = False
) -> list[str]:
    """A method that begins with `start`, `def call`; on one line, or with a line for each of its parameters.

    `names`: it takes any keyword.
    """
    receiver = "self" if all(each.name != "self" for each in arguments) else "_self"
    parts: list[tuple[str, Annotation | None, str]] = [(receiver, None, "")]
    for at, each in enumerate(arguments):
        before = arguments[at - 1] if at else None
        if before and before.kind is Parameter.POSITIONAL_ONLY and each.kind is not before.kind:
            parts.append(("/", None, ""))
        if each.kind is Parameter.KEYWORD_ONLY and (before is None or before.kind is not each.kind):
            parts.append(("*", None, ""))
        parts.append((f"{each.name}: ", each.annotation, " = None" if each.optional else ""))
    if names:
        parts.append(("**names: ", ANY, ""))
    texts = [text if part is None else laid_lines(text, part, after, "") for text, part, after in parts]
    end = "" if about else " ..."
    if all(isinstance(each, str) or len(each) == 1 for each in texts):
        inline = ", ".join(each if isinstance(each, str) else each[0] for each in texts)
        lines = laid_lines(f"{start}({inline}) -> ", result, f":{end}", indent)
        if len(lines) == 1 and len(lines[0]) <= WIDTH:
            return lines + docstring(about, indent + _INDENT)
    lines = [f"{indent}{start}("]
    for text, part, after in parts:
        inner = indent + _INDENT
        lines += [f"{inner}{text},"] if part is None else laid_lines(text, part, f"{after},", inner)
    lines += laid_lines(") -> ", result, f":{end}", indent)
    return lines + docstring(about, indent + _INDENT)


def _overloaded(ways: Iterable[list[str]]) -> Iterator[str]:
    """The ways of a method that is narrower than that of a Client, which takes any text for an operation."""
    found = [*ways]
    found[-1][0] += "  # pyright: ignore[reportIncompatibleMethodOverride]"
    if len(found) == 1:
        yield from (
            f"{line}  {_IGNORED}" if " operation: " in line or " options: " in line else line
            for line in found[0]
        )
        return
    yield f"    @overload  {_IGNORED}"
    for at, lines in enumerate(found):
        yield from ["    @overload", *lines] if at else lines


def _imports(used: set[str]) -> Iterator[str]:
    for at, (module, names) in enumerate(IMPORTS.items()):
        if at == _STANDARD:
            yield ""
        found = [name for name in names if name in used]
        line = f"from {module} import {', '.join(found)}"
        if found and len(line) <= WIDTH:
            yield line
        elif found:
            yield from [f"from {module} import (", *(f"    {name}," for name in found), ")"]
