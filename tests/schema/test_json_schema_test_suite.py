"""The public JSON Schema test suite through the response check of a client.

Draft 4 as a 3.0 document can say it, 2020-12 as 3.1 and 3.2 have it. Every case with another verdict is
listed with its reason: what OpenAPI defines otherwise, or what this library decides otherwise.
"""

from __future__ import annotations

import io
import json
import tarfile
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from dynaclient import Client, DocumentError
from dynaclient.client import executor_of
from dynaclient.document.document import Document

ARCHIVE = Path(__file__).parents[2] / ".." / "shared" / "facts" / "json-schema-test-suite.tar.gz"
needs_suite = pytest.mark.skipif(
    not ARCHIVE.exists(), reason="the JSON Schema test suite is not beside the project"
)

NO_REMOTES = "refers to files that the archive does not hold: opening reads nothing that it was not told to"
ASSERTED = "OpenAPI defines formats as constraints of data types: they are checked"
NOT_IN_30 = "OpenAPI 3.0 does not have the keyword, it means nothing there (3.0.4, 4.8.24)"
NO_IDS = "OpenAPI 3.0 schemas have no `id`: references are relative to the file (3.0.4, 4.8.23)"
INTEGERS = "1.0 is an integer in every version here, as servers mean it"
OLD_KEYWORD = "`dependencies` is no keyword of 2020-12"
LENIENT_PATTERN = "patterns of PCRE and Python whose meaning is certain are read, with a note"
ENGINE = "no engine that we have can carry it: a finding says that the pattern is not applied"
FORMAT_DETAIL = "a rarity of the format on which our function is simpler"
VOCABULARY = "custom meta-schemas do not take keywords away"
UNKNOWN_KEYWORD = "an `$id` is found wherever it stands in the file"
RFC_1123 = "RFC 1123 alone allows `--` in third place; RFC 5891 keeps it for Punycode"

OTHERWISE = {
    "draft2020-12": {
        "refRemote": NO_REMOTES,
        "dynamicRef: strict-tree": NO_REMOTES,
        "dynamicRef: tests for implementation dynamic anchor": NO_REMOTES,
        "dynamicRef: $ref and $dynamicAnchor are independent": NO_REMOTES,
        "dynamicRef: $ref to $dynamicRef finds detached": NO_REMOTES,
        "format": ASSERTED,
        "dependencies-compatibility": OLD_KEYWORD,
        "ecmascript-regex: pattern with non-ASCII digits": ENGINE,
        "ecmascript-regex: patternProperties with non-ASCII digits": ENGINE,
        "ecmascript-regex: ECMA 262 lookbehind": ENGINE,
        "ecmascript-regex: Python-specific": LENIENT_PATTERN,
        "ecmascript-regex: global inline flag": LENIENT_PATTERN,
        "idn-hostname": FORMAT_DETAIL,
        "idn-email": FORMAT_DETAIL,
        "uri-template": FORMAT_DETAIL,
        "unknownKeyword": UNKNOWN_KEYWORD,
        "vocabulary": VOCABULARY,
    },
    "draft4": {
        "refRemote": NO_REMOTES,
        "additionalProperties": NOT_IN_30,
        "dependencies": NOT_IN_30,
        "patternProperties": NOT_IN_30,
        "properties: properties, patternProperties": NOT_IN_30,
        "non-bmp-regex: Proper UTF-16 surrogate pair handling: patternProperties": NOT_IN_30,
        "ecmascript-regex: patternProperties": NOT_IN_30,
        "ecmascript-regex: patterns always use unicode semantics with patternProperties": NOT_IN_30,
        "ecmascript-regex: \\w in patternProperties": NOT_IN_30,
        "ecmascript-regex: \\d in patternProperties": NOT_IN_30,
        "id": NO_IDS,
        "ref: $ref prevents a sibling id": NO_IDS,
        "ref: Recursive references between schemas": NO_IDS,
        "ref: Location-independent identifier": NO_IDS,
        "ref: id must be resolved against nearest parent": NO_IDS,
        "zeroTerminatedFloats": INTEGERS,
        "hostname": RFC_1123,
    },
}


@lru_cache(maxsize=1)
def suite() -> dict[str, dict[str, Any]]:
    """Draft -> path of a file -> its groups of cases."""
    drafts: dict[str, dict[str, Any]] = {}
    with tarfile.open(fileobj=io.BytesIO(ARCHIVE.read_bytes())) as archive:
        for member in archive.getmembers():
            parts = Path(member.name).parts
            if member.name.endswith(".json") and "tests" in parts:
                draft, *rest = parts[parts.index("tests") + 1 :]
                file = archive.extractfile(member)
                assert file is not None
                drafts.setdefault(draft, {})["/".join(rest)] = json.load(file)
    return drafts


def client(version: tuple[int, int], schema: Any, backend: Any) -> Client:
    """A client of a document whose one answer has `schema`, which stands in a file of its own."""
    content = {"application/json": {"schema": {"$ref": "schema.json"}}}
    answers = {"200": {"description": "", "content": content}}
    tree = {
        "openapi": "{}.{}.0".format(*version),
        "paths": {"/": {"get": {"operationId": "get", "responses": answers}}},
    }
    files = {"https://suite.test/schema.json": schema}
    return Client(
        Document(tree, version, "https://suite.test/openapi.json", load=files.__getitem__),
        validate_with=backend,
    )


def verdicts(version: tuple[int, int], group: Any, backend: Any) -> list[bool | str]:
    asked = client(version, group["schema"], backend)
    json_type = {"Content-Type": "application/json"}
    found: list[bool | str] = []
    for case in group["tests"]:
        try:
            content = json.dumps(case["data"]).encode()
            found.append(
                not executor_of(asked).compiled("get").read(200, json_type, content, check=True).violations
            )
        except DocumentError as error:
            found.append(str(error))
    return found


def reason(draft: str, file: str, group: str) -> str | None:
    name = Path(file).stem
    for key, why in OTHERWISE[draft].items():
        listed, _, begin = key.partition(": ")
        if listed == name and group.startswith(begin):
            return why
    return None


@needs_suite
@pytest.mark.parametrize("backend", ["rust", "python"])
@pytest.mark.parametrize(
    ("draft", "version"), [("draft4", (3, 0)), ("draft2020-12", (3, 1)), ("draft2020-12", (3, 2))]
)
def test_verdicts_are_those_of_the_suite(draft: str, version: tuple[int, int], backend: str) -> None:
    wrong, right = [], 0
    for file, groups in sorted(suite()[draft].items()):
        for group in groups:
            if reason(draft, file, group["description"]) is not None:
                continue
            expected = [case["valid"] for case in group["tests"]]
            found = verdicts(version, group, backend)
            right += len(expected)
            wrong += [(file, group["description"], found)] if found != expected else []
    assert wrong == []
    assert right > (450 if draft == "draft4" else 1300)


@needs_suite
@pytest.mark.parametrize(("draft", "version"), [("draft4", (3, 0)), ("draft2020-12", (3, 1))])
def test_every_listed_difference_is_one(draft: str, version: tuple[int, int]) -> None:
    different = set()
    for file, groups in suite()[draft].items():
        for group in groups:
            why = reason(draft, file, group["description"])
            if why is not None and verdicts(version, group, "rust") != [
                case["valid"] for case in group["tests"]
            ]:
                different.add((Path(file).stem, why))
    listed = {(key.partition(": ")[0], why) for key, why in OTHERWISE[draft].items()}
    assert listed == different
