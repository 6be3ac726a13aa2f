"""Operations by words: in ids, paths, summaries, tags, parameters, schemas and properties; the best first."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from dynaclient._support.prose import visible
from dynaclient.document.document import Document
from dynaclient.document.model import MediaType, Operation
from dynaclient.document.operations import Operations
from dynaclient.document.parameters import snake_case
from dynaclient.schema.summary import Outlines, one_line

if TYPE_CHECKING:
    from dynaclient.calls.executor import BaseExecutor

VERBS = {
    verb: tuple(words.split())
    for verb, words in {
        "list": "list all browse enumerate index query search find",
        "get": "get fetch read retrieve show view load lookup download describe export",
        "create": "create add new make insert post register place issue import send submit generate",
        "update": "update change edit modify patch put set replace upsert save",
        "delete": "delete remove destroy drop erase cancel deactivate unset",
    }.items()
}
"""Words that mean the same: what is asked for, and what documents say."""

METHODS_OF = {
    "list": ("GET",), "get": ("GET",), "create": ("POST",), "update": ("PUT", "PATCH"), "delete": ("DELETE",)
}  # fmt: skip
"""The methods that do what a verb says, where no word does."""

WEIGHTS = {
    "id": 8.0,
    "path": 5.0,
    "summary": 4.0,
    "tag": 3.0,
    "parameter": 2.5,
    "schema": 2.5,
    "property": 1.5,
    "description": 1.0,
}
"""What a word counts where it stands."""

_PREFIX, _INSIDE = 0.7, 0.4
"""What is left of that where a word only begins as what was asked for, or holds it."""
_OF_VERB = 16.0
"""What a verb counts that an operation does."""
_FIRST = 3
"""How many words of a summary its verb stands among."""
_SHORTEST_PART = 3
_VERB_OF = {word: verb for verb, words in VERBS.items() for word in words}
_CERTAIN = frozenset(
    "list get fetch read retrieve create add make update change edit modify delete remove".split()
)
"""Verbs that are hardly ever the name of a thing."""
_MOST_WORDS = 400
_NEAR = 0.75


Fields: TypeAlias = "Mapping[str, Mapping[str, None]]"
"""The words of an operation, in order, by where they stand."""


class Found(tuple[Operation, ...]):
    """Operations that words mean, the best first; prints as a table."""

    __slots__ = ()

    def __repr__(self) -> str:
        from dynaclient._support.prompt_text import operation_lines  # late: 5 ms

        rows = [(each.attribute, f"{each.method} {each.path}", one_line(each.summary)) for each in self]
        return visible("\n".join(operation_lines(rows)) or "<no operation>")

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(repr(self))

    def _repr_html_(self) -> str:
        from dynaclient.calls.display import operations_html  # late: 12 ms

        return operations_html(self)


def search_of(executor: BaseExecutor) -> Search:
    """The search through the operations of a client; made on first use, and kept with it."""
    made: Search = executor.kept.setdefault("search", Search(executor.document, executor.operations))
    return made


class Search:
    """Finds operations by words."""

    def __init__(self, document: Document, operations: Operations) -> None:
        self._document = document
        self._operations = operations
        self._index: list[tuple[Operation, Fields]] | None = None
        self._frequency: dict[str, int] = {}
        self._verbs: dict[str, bool] = {}

    def find(self, *words: str) -> Found:
        """The operations that all `words` mean, the best first; where there are none, those that most do.

        Words are compared by their stems, without case; verbs by what they mean: `remove` finds `delete`.
        A word that nothing holds means the nearest; one with a slash is a part of a path. Without words, all.
        """
        terms = [term for each in words for term in _terms(each)]
        if not terms:
            return Found(self._operations.values())
        ranked = self._ranked(terms)
        if not ranked and (nearest := self._nearest(terms)) != terms:
            ranked = self._ranked(nearest)
        most = max((matched for matched, *_ in ranked), default=0)
        return Found(operation for matched, _, operation in ranked if matched == most)

    def _ranked(self, terms: list[str]) -> list[tuple[int, float, Operation]]:
        """How many terms an operation has, what that counts, and the operation."""
        verbs = [self._means_verb(term) for term in terms]
        found = []
        for operation, fields in self._indexed():
            scores = [self._score(term, operation, fields) for term in terms]
            nouns = [score for score, verb in zip(scores, verbs, strict=True) if not verb]
            if not any(scores) or (nouns and not any(nouns)):
                continue
            total = sum(scores) * (0.8 if operation.deprecated or operation.problem else 1.0)
            found.append((sum(score > 0 for score in scores), total / _length(fields), operation))
        return sorted(found, key=lambda each: (-each[0], -each[1]))

    def _score(self, term: str, operation: Operation, fields: Fields) -> float:
        if "/" in term:
            return WEIGHTS["id"] * 2 if term in f"{operation.method} {operation.path}".lower() else 0.0
        if self._means_verb(term):
            done = _verb(_VERB_OF[term], term, operation, fields)
            named = any(term in fields[place] for place in ("path", "tag"))  # `/lists` of a mailing
            return _OF_VERB * max(done, 0.5 * named)
        fits = ((place, _fit(term, words)) for place, words in fields.items() if words)
        return sum(WEIGHTS[place] * fit for place, fit in fits) * self._rarity(term)

    def _means_verb(self, term: str) -> bool:
        """Whether a word is a verb here: `issue` is none where a path or a tag has it."""
        if term not in _VERB_OF or term in _CERTAIN:
            return term in _VERB_OF
        if term not in self._verbs:
            named = (words for _, fields in self._indexed() for words in (fields["path"], fields["tag"]))
            self._verbs[term] = not any(term in words for words in named)
        return self._verbs[term]

    def _rarity(self, term: str) -> float:
        """How much a word tells: little where every operation has it (inverse document frequency)."""
        index = self._indexed()
        if term not in self._frequency:
            having = sum(any(_fit(term, words) for words in fields.values()) for _, fields in index)
            self._frequency[term] = having
        return math.log(1 + len(index) / (1 + self._frequency[term])) + 0.1

    def _indexed(self) -> list[tuple[Operation, Fields]]:
        if self._index is None:
            outlines = Outlines(self._document)
            self._index = [(each, _fields(each, outlines)) for each in self._operations.values()]
        return self._index

    def _nearest(self, terms: Iterable[str]) -> list[str]:
        """The terms, the words that are nearest to them in the place of those that nothing holds."""
        from difflib import get_close_matches  # late: 2 ms

        known = {word: None for _, fields in self._indexed() for words in fields.values() for word in words}
        return [(get_close_matches(term, known, 1, _NEAR) or [term])[0] for term in terms]


def _fit(term: str, words: Mapping[str, None]) -> float:
    """1 where `term` is one of `words`, less where one begins with it or holds it."""
    if term in words:
        return 1.0
    if len(term) < _SHORTEST_PART:
        return 0.0
    if any(word.startswith(term) for word in words):
        return _PREFIX
    return _INSIDE if any(term in word for word in words) else 0.0


def _length(fields: Fields) -> float:
    """What a score is divided by, so that of two the one comes first that says less else."""
    return 1 + len(fields["id"]) / 15


def _verb(verb: str, term: str, operation: Operation, fields: Fields) -> float:
    """How well an operation does what a verb says: by its id, by its summary, by its method."""
    words = VERBS[verb]
    if term in fields["id"] or term in [*fields["summary"]][:1]:
        return 1.2
    if any(each in fields["id"] for each in words):
        return 1.0
    if any(each in words for each in [*fields["summary"]][:_FIRST]):
        return 0.9
    if operation.method not in METHODS_OF[verb]:
        return 0.0
    said = _VERB_OF.get(next(iter(fields["id"]), ""), verb)
    if {said, verb} - {"list", "get"} and said != verb:
        return 0.1  # it says itself that it does something else
    of_one = operation.path.endswith("}")
    return 0.5 if verb not in ("list", "get") or of_one == (verb == "get") else 0.3


def _fields(operation: Operation, outlines: Outlines) -> Fields:
    """The words of an operation, by where they stand."""
    bodies = [*(operation.body.content.values() if operation.body else ())]
    bodies += [media for response in operation.responses for media in response.content.values()]
    schemas, properties = _of_schemas(bodies, outlines)
    texts = {
        "id": [operation.operation_id or operation.attribute],
        "path": [operation.path],
        "summary": [operation.summary],
        "tag": operation.tags,
        "parameter": [each.name for each in operation.parameters],
        "schema": schemas,
        "property": properties,
        "description": [operation.description],
    }
    return {place: _words(several) for place, several in texts.items()}


def _of_schemas(bodies: Iterable[MediaType], outlines: Outlines) -> tuple[list[str], list[str]]:
    """The names of the schemas of bodies, and those of their properties."""
    names: dict[str, None] = {}
    properties: dict[str, None] = {}
    for media in bodies:
        if media.schema is None:
            continue
        names.update(
            {
                name: None
                for node in (outlines.of(media.schema), outlines.inner(media.schema))
                if (name := node.name)
            }
        )
        for member in outlines.members(media.schema)[:_MOST_WORDS]:
            if not member.choice:
                properties[member.label] = None
            if name := outlines.inner(member.node).name:
                names[name] = None
    return list(names), list(properties)


def _words(texts: Iterable[str]) -> dict[str, None]:
    """The words of texts by their stems, each once."""
    found: dict[str, None] = {}
    for text in texts:
        for word in _split(text):
            found[_stem(word)] = None
            if len(found) >= _MOST_WORDS:
                return found
    return found


def _split(text: str) -> list[str]:
    return [word for each in text.split() for word in snake_case(each).split("_") if word]


def _terms(text: str) -> list[str]:
    """What is asked for: words by their stems; what has a slash stays as it is."""
    parts = text.lower().split() if "/" in text else [text]
    if "/" in text and parts[0].upper() in ("GET", "PUT", "POST", "DELETE", "PATCH", "HEAD", "OPTIONS"):
        parts = [" ".join(parts[:2]), *parts[2:]]
    return [term for part in parts for term in ([part] if "/" in part else map(_stem, _split(part)))]


_PLURALS: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("ies", lambda word: f"{word[:-3]}y"),
    ("sses", lambda word: word[:-2]),
    ("xes", lambda word: word[:-2]),
    ("ches", lambda word: word[:-2]),
    ("shes", lambda word: word[:-2]),
)
_NO_PLURAL = ("ss", "us", "is", "as")


def _stem(word: str) -> str:
    """`word` in lower case and in the singular, as far as its end shows it."""
    word = word.lower()
    if len(word) <= _SHORTEST_PART or not word.endswith("s"):
        return word
    for end, singular in _PLURALS:
        if word.endswith(end):
            return singular(word)
    return word if word.endswith(_NO_PLURAL) else word[:-1]
