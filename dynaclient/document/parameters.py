"""Parameters, headers, media types and path templates: from their locations in the tree to what they say."""

from __future__ import annotations

import keyword
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from typing import Any
from unicodedata import normalize

from dynaclient.document import normalization as spelling
from dynaclient.document.document import Document
from dynaclient.document.encoding_hints import parts_of
from dynaclient.document.model import COLLECTED, STYLES, MediaType, Parameter, style_of, template
from dynaclient.document.node import NOWHERE, Node
from dynaclient.errors import DocumentError, Finding

_PLURAL_ACRONYM = re.compile(r"([A-Z]{2,})s(?![a-z])")
_ACRONYM_THEN_WORD = re.compile(r"([A-Z]+)([A-Z][a-z])")
_LOWER_THEN_UPPER = re.compile(r"([a-z0-9])([A-Z])")
_BRACES = frozenset("{}")
_NOT_A_WORD = re.compile(r"[^0-9A-Za-z_]+")


def snake_case(name: str) -> str:
    """`name` as a Python identifier: humps split, acronyms whole, other characters to `_`.

    `customerSessionIDs` -> `customer_session_ids`, `updateCustomerSessionV2` -> `update_customer_session_v2`,
    `X-Rate-Limit` -> `x_rate_limit`, `class` -> `class_`, `Élève.liste` -> `élève_liste`. Letters of every
    alphabet stay, in the normal form that Python gives to identifiers. A name without any letter or digit
    gives `_`.
    """
    if not name.isascii():
        return _of_any_alphabet(name)
    name = _PLURAL_ACRONYM.sub(lambda found: found[1].title() + "s", name)
    name = _ACRONYM_THEN_WORD.sub(r"\1_\2", name)
    name = _LOWER_THEN_UPPER.sub(r"\1_\2", name)
    return _identifier(_NOT_A_WORD.sub("_", name).lower())


def normal(name: str) -> str:
    """`name` in NFKC, the form in which Python reads identifiers (PEP 3131)."""
    if name.isascii():
        return name
    return normalize("NFKC", name)


def _of_any_alphabet(name: str) -> str:
    """As for ASCII, by the case that Unicode gives to letters; many alphabets have none."""
    letters = _PLURAL_ACRONYM.sub(lambda found: found[1].title() + "s", normal(name))
    humps = "".join(
        "_" + letter if at and _begins(letters, at) else letter for at, letter in enumerate(letters)
    )
    lower = normal(humps.lower())  # the lower case of a letter may be several characters
    return _identifier("".join(letter if f"_{letter}".isidentifier() else "_" for letter in lower))


def _begins(letters: str, at: int) -> bool:
    """Whether a word begins at the letter: at a capital behind a small one, or at the last of several."""
    before, letter, after = letters[at - 1], letters[at], letters[at + 1 : at + 2]
    if not letter.isupper():
        return False
    return before.islower() or before.isdigit() or (before.isupper() and after.islower())


def _identifier(words: str) -> str:
    name = re.sub(r"_+", "_", words).strip("_") or "_"
    if not name.isidentifier():
        name = "_" + name
    return name + "_" if keyword.iskeyword(name) else name


def unique(names: Iterable[str], taken: Collection[str] = (), written: Iterable[str] = ()) -> list[str]:
    """Each of `names`, distinct from the others and from those in `taken`, in their order.

    `_` stands behind those in `taken`, `_2`, `_3` ... behind what is left equal. `written` holds what each
    was made from: a name that is written so is given to that one and to no other.
    """
    plain = [name + "_" if name in taken else name for name in names]
    if len({*plain}) == len(plain):
        return plain
    own = list(written) or [""] * len(plain)
    kept = {*own}
    seen: set[str] = set()
    counts: dict[str, int] = {}
    for at, name in enumerate(plain):
        found = name
        while found in seen or (found in kept and found != own[at]):
            counts[name] = counts.get(name, 1) + 1
            found = f"{name}_{counts[name]}"
        seen.add(found)
        plain[at] = found
    return plain


def spelt_otherwise(declared: Collection[str], wanted: Collection[str]) -> dict[str, str]:
    """Which of `wanted` a name of `declared` must mean that is not among them: `ID` for `id`, ` a ` for `a`.

    Only where one of each side has the same name in snake_case.
    """
    open_names = [name for name in dict.fromkeys(wanted) if name not in declared]
    spare = [name for name in dict.fromkeys(declared) if name not in wanted and not _BRACES & {*name}]
    if not open_names or not spare:
        return {}
    asked, given = _by_snake(open_names), _by_snake(spare)
    return {
        names[0]: asked[snake][0]
        for snake, names in given.items()
        if len(names) == len(asked.get(snake, ())) == 1 and snake != "_"
    }


def _by_snake(names: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name in names:
        found.setdefault(snake_case(name), []).append(name)
    return found


_NAMED = (
    r"\{\{(?P<double>[^{}]+)\}\}"  # {{id}}
    r"|\{(?P<pattern>[^{}:=?&]+)[:=](?:[^{}]|\{[^{}]*\})*\}"  # {id:[0-9]+}, {name=shelves/*}
    r"|(?<=/):(?P<colon>[A-Za-z_]\w*)"  # :id
    r"|<(?:\w+:)?(?P<angles>\w+)>"  # <id>, <int:id>
)
_EXPANSION = r"\{[?&]([^{}]+)\}"  # {?page,size}, RFC 6570
_PAIR = r"(?<=[?&])[^?&=]*=\{([^{}]+)\}(?:&|$)"  # ?page={page}


def intended(path: str, in_path: Collection[str], in_query: Collection[str]) -> str:
    """`path` as OpenAPI writes it, for the names that are declared in the path and in the query."""
    names = [name for _, name in template(path)]

    def named(found: re.Match[str]) -> str:
        name = next(filter(None, found.groups())).strip()
        return f"{{{name}}}" if name in in_path and name not in names else found[0]

    def elsewhere(found: re.Match[str]) -> str:
        names = [each.strip().rstrip("*") for each in found[1].split(",")]
        return "" if all(each in in_query and each not in in_path for each in names) else found[0]

    path = re.sub(_EXPANSION, elsewhere, re.sub(_NAMED, named, path.strip()))
    return re.sub(_PAIR, elsewhere, path).rstrip("?&") if "?" in path else path


IGNORED_HEADERS = ("accept", "content-type", "authorization", "content-length", "transfer-encoding")
"""Header parameters that mean nothing: three by the Parameter Object, and the framing, which HTTP sets."""

_OF_TEMPLATES = frozenset("?:<= \t\r\n")
"""Characters that paths hold in other languages of templates."""

Found = dict[tuple[str, str], Parameter]
"""Parameters by location and name."""


class Parts:
    """Reads what operations are made of. What is odd becomes a finding, what leads nowhere a problem."""

    def __init__(self, document: Document) -> None:
        self.document = document

    def follow(
        self, node: Node, problems: list[str] | None = None, lost: list[Finding] | None = None
    ) -> Node | None:
        """The object at `node`, or where its reference leads; None where there is none, as `lost` says."""
        try:
            found = self.document.follow(node)
        except DocumentError as error:
            self.document.note(error)
            if problems is not None:
                problems.append(str(error.args[0]))
            if lost is not None:
                lost += error.findings
            return None
        if not isinstance(found.value, dict):
            finding = self.document.find(node, "expected an object", "it is left out")
            if lost is not None:
                lost.append(finding)
            return None
        return found

    def members(self, node: Node | None, lost: list[Finding] | None = None) -> Iterator[tuple[str, Node]]:
        """The members of the map at `node`, which may be kept in another file; none where it is no map."""
        if node is not None and node.value is not None and lost is not None:
            self.follow(node, None, lost)
        yield from self.document.opened(node).items()

    # -- media types and headers -------------------------------------------------------------------------

    def content(
        self, node: Node, problems: list[str] | None = None, lost: list[Finding] | None = None
    ) -> dict[str, MediaType]:
        """The Media Type Objects of a `content` map. What is lost of a response still has its name."""
        content: dict[str, MediaType] = {}
        for name, place in self.members(node.get("content"), lost):
            missing: list[Finding] = []
            target = self.follow(place, problems, missing)
            for each in self._media_types(name, place, lost) if target or lost is not None else ():
                if each == name or each not in content:
                    content[each] = self._media_type(each, target or place.at("", {}), missing)
        return content

    def _media_types(self, name: str, place: Node, lost: list[Finding] | None) -> list[str]:
        meant = [each for each in spelling.normal_media_types(name) if "/" in each]
        if meant != [name]:
            message = f"{name!r} is not a media type"
            meaning = f"it is read as {', '.join(meant)}" if meant else "it is left out"
            finding = self.document.find(place, message, meaning)
            if lost is not None and not meant:
                lost.append(finding)
        return meant

    def _media_type(self, name: str, node: Node, lost: list[Finding]) -> MediaType:
        encoding = dict((node.get("encoding") or NOWHERE).items())
        headers = {each: found for each, at in encoding.items() if (found := self.headers(at, lost))}
        schema, item = node.get("schema"), node.get("itemSchema")
        types, files = dict[str, str](), frozenset[str]()
        if schema and name.lower().startswith("multipart/"):
            types, files = parts_of(self.document, schema)
        return MediaType(name, schema, item, encoding, node, headers, types, files, tuple(lost))

    def headers(self, node: Node, lost: list[Finding]) -> tuple[Parameter, ...]:
        """The Header Objects of a response or a part; Content-Type is described elsewhere."""
        headers = []
        for name, place in self.members(node.get("headers"), lost):
            target = None if name.lower() == "content-type" else self.follow(place, None, lost)
            header = self._parameter(target, name, "header") if target else None
            if header:
                headers.append(header)
                lost += header.unchecked
        return tuple(headers)

    # -- parameters --------------------------------------------------------------------------------------

    def parameters(
        self, path: str, item: Node, node: Node, problems: list[str]
    ) -> tuple[str, tuple[Parameter, ...], list[Node]]:
        """The path as its parameters spell it, the parameters, and those that describe the body instead."""
        found: Found = {}
        payload: list[Node] = []
        for owner in (item, node):
            own: Found = {}
            for place in self._declared(owner):
                target = self.follow(place, problems)
                location = self._place(target, path) if target else ""
                if target and (location == "body" or (location == "formData" and target.text("name"))):
                    payload.append(target)
                elif target and (parameter := self._of_request(target, location)):
                    key = (parameter.location, parameter.name)
                    if own.setdefault(key, parameter) is not parameter:
                        message = f"{parameter.key} is declared twice"
                        self.document.find(place, message, "the first is used")
            found.update(own)
        self._check_querystring(node.get("parameters") or item.get("parameters") or node, found)
        path = self._respelt(self._template(path, node, found), found)
        self._check(path, node, found)
        return path, with_python_names(list(found.values())), payload

    def _check_querystring(self, place: Node, found: Found) -> None:
        """`querystring` is the whole of a query, and stands alone (3.2, Parameter Locations)."""
        whole = [name for location, name in found if location == "querystring"]
        if len(whole) > 1:
            message = f"several parameters are in querystring: {', '.join(whole)}"
            self.document.find(place, message, "they are sent one after the other")
        elif whole and any(location == "query" for location, _ in found):
            message = f"{whole[0]} is in querystring, which is the whole query, beside parameters in query"
            self.document.find(place, message, "they are sent one after the other")

    def _declared(self, owner: Node) -> Iterator[Node]:
        place = self.document.opened(owner.get("parameters"))
        if isinstance(place.value, dict):
            self.document.find(
                place, "expected `parameters` to be a list", "each member is read as a parameter"
            )
            yield from (node for _, node in place.items())
        yield from place.elements()

    def _place(self, node: Node, path: str) -> str:
        """Where a parameter is. One that does not say so is in the path if that has its name."""
        stated = node.text("in")
        if stated in STYLES:
            return stated
        in_path = not stated and f"{{{node.text('name')}}}" in path
        meant = "path" if in_path else spelling.normal_location(stated)
        if meant in STYLES:
            self.document.find(node, f"unknown parameter location {stated!r}", f"it is read as {meant}")
        return meant

    def _of_request(self, node: Node, place: str) -> Parameter | None:
        name = node.text("name")
        if place == "header" and name.strip().lower() in IGNORED_HEADERS:
            message = f"a header parameter called {name} is ignored"
            self.document.find(node, message, "it is left out: it is set in another way")
            return None
        return self._parameter(node, name or ("querystring" if place == "querystring" else ""), place)

    def _parameter(self, node: Node, name: str, place: str) -> Parameter | None:
        """The Parameter Object at `node`, or the Header Object."""
        if not name or place not in STYLES:
            self.document.find(
                node, "expected a name and a location of a parameter", "it is left out", "error"
            )
            return None
        if place == "path" and not node.flag("required"):
            message, at = "expected `required: true` of a path parameter", node.get("required") or node
            self.document.find(at, message, "it is required anyway")
        schema, said = self._described(node)
        lost: list[Finding] = []
        media_type = next(iter(self.content(node, None, lost).values()), None)
        style = style_of(said, STYLES[place][0])
        if style not in STYLES[place] and not style.startswith(COLLECTED):
            self.document.find(
                node, f"style {style!r} is not defined for {place}", f"{STYLES[place][0]} is used"
            )
            style = STYLES[place][0]
        explode = said.get("explode")
        return Parameter(
            name=name.strip() if place == "header" else name,  # no header has spaces in its name
            location=place,  # type: ignore[arg-type]
            required=node.flag("required") or place == "path",
            schema=schema,
            style=style,
            explode=explode if isinstance(explode, bool) else style in ("form", "cookie"),
            allow_reserved=node.flag("allowReserved"),
            allow_empty_value=node.flag("allowEmptyValue"),
            media_type=media_type,
            deprecated=node.flag("deprecated"),
            description=node.text("description"),
            node=node,
            unchecked=(*lost, *(media_type.unchecked if media_type else ())),
        )

    def _described(self, node: Node) -> tuple[Node | None, dict[str, Any]]:
        """The schema of a parameter, and the members that tell its style."""
        schema, said = node.get("schema"), node.value
        if schema is not None or not ("type" in said or "collectionFormat" in said):
            return schema, said
        from dynaclient.document import swagger_words  # late: 10 ms

        self.document.find(
            node, "the type is outside of a `schema`, as in Swagger 2.0", "it is read as its schema"
        )
        return swagger_words.schema(node), {**swagger_words.style(node), **said}

    # -- the path ----------------------------------------------------------------------------------------

    def _template(self, path: str, node: Node, found: Found) -> str:
        """The path without what is of another language of templates."""
        if _OF_TEMPLATES.isdisjoint(path) and "{{" not in path:  # nearly every one
            return path
        declared: dict[str, list[str]] = {"path": [], "query": []}
        for place, name in found:
            declared.setdefault(place, []).append(name)
        meant = intended(path, declared["path"], declared["query"])
        if meant != path:
            self.document.find(node, f"{path!r} is not a path template of OpenAPI", f"it is read as {meant}")
        return meant

    def _respelt(self, path: str, found: Found) -> str:
        """The path with each name as its parameter declares it, where it spells it in another way."""
        declared = {name: each for (place, name), each in found.items() if place == "path"}
        for name, otherwise in spelt_otherwise(declared, _names(path)).items():
            message = f"the path spells the parameter {name!r} {otherwise!r}"
            self.document.find(declared[name].node, message, f"it is called {name!r}")
            path = path.replace(f"{{{otherwise}}}", f"{{{name}}}")
        return path

    def _check(self, path: str, node: Node, found: Found) -> None:
        names = _names(path)
        for name in names:
            if ("path", name) not in found:
                message = f"the path parameter {name!r} is not declared"
                self.document.find(node, message, "any string is accepted")
                found["path", name] = _undeclared(name, node)
        for (place, name), parameter in list(found.items()):
            if place == "path" and name not in names:
                message = f"the path has no {{{name}}}"
                self.document.find(parameter.node, message, "the parameter is left out")
                del found[place, name]


def _names(path: str) -> dict[str, None]:
    return {name: None for _, name in template(path) if name is not None}


def _undeclared(name: str, node: Node) -> Parameter:
    schema = Node({"type": "string"}, node.uri, node.pointer)
    return Parameter(name, "path", True, schema, "simple", False, False, False, None, False, "", node)


def with_python_names(parameters: list[Parameter]) -> tuple[Parameter, ...]:
    """Give each parameter its snake_case name, unless it is another's wire name or several have it."""
    snakes = [snake_case(parameter.name) for parameter in parameters]
    wire, counts = Counter(parameter.name for parameter in parameters), Counter(snakes)
    named = []
    for parameter, snake in zip(parameters, snakes, strict=True):
        taken = wire[snake] > 1 if snake == parameter.name else snake in wire or counts[snake] > 1
        named.append(replace(parameter, python_name="" if taken or not snake.isidentifier() else snake))
    return tuple(named)
