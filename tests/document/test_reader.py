"""Bytes to a tree: YAML 1.2 core rules (YAML 1.2.2, section 10.3), JSON by `json`, encodings, limits."""

from __future__ import annotations

import contextlib
import gc
import gzip
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from dynaclient.document.limits import Limits
from dynaclient.document.reader import parse_file
from dynaclient.errors import DocumentError, Finding

SHARED = Path(__file__).parents[3] / "shared"


def tree_of(text: str, **limits: int) -> Any:
    return parse_file(text.encode(), "x.yaml", Limits(**limits))


def findings_of(text: str) -> list[Finding]:
    findings: list[Finding] = []
    parse_file(text.encode(), "x.yaml", findings=findings)
    return findings


def refusal_of(data: bytes | str, **limits: int) -> str:
    with pytest.raises(DocumentError) as caught:
        parse_file(data.encode() if isinstance(data, str) else data, "x.yaml", Limits(**limits))
    return str(caught.value)


PLAIN = [
    ("", None), ("~", None), ("null", None), ("Null", None), ("NULL", None), ("nUll", "nUll"),
    ("true", True), ("True", True), ("TRUE", True), ("false", False), ("False", False), ("FALSE", False),
    ("yes", "yes"), ("no", "no"), ("on", "on"), ("off", "off"), ("y", "y"), ("N", "N"), ("=", "="),
    ("0", 0), ("-0", 0), ("+12", 12), ("-19", -19), ("0777", 777), ("008", 8), ("1_000", "1_000"),
    ("0o17", 15), ("0O17", "0O17"), ("0o8", "0o8"), ("0x1F", 31), ("0X1F", "0X1F"), ("0b11", "0b11"),
    ("1.5", 1.5), (".5", 0.5), ("5.", 5.0), ("-.5e-3", -0.0005), ("+1.e2", 100.0), ("1E-2", 0.01),
    ("-0x1", "-0x1"),
    ("1e3", 1000), ("1E+15", 10**15), ("5E+6", 5_000_000), ("9e18", 9 * 10**18), ("9.5e1", 95.0),
    ("1e19", 1e19), ("12345678901234567e1", 123456789012345670),
    (".", "."), ("+", "+"), ("e3", "e3"), ("1e", "1e"), ("1.2.3", "1.2.3"), ("1 2", "1 2"),
    ("1e400", sys.float_info.max), ("-1e400", -sys.float_info.max),
    (".inf", ".inf"), ("-.INF", "-.INF"), (".nan", ".nan"), ("NaN", "NaN"),
    ("2020-01-01", "2020-01-01"), ("2020-01-01T00:00:00Z", "2020-01-01T00:00:00Z"), ("12:30:45", "12:30:45"),
    ("18:00", "18:00"), ("\u0661\u0662", "\u0661\u0662"), ("\uff19", "\uff19"), ("a\u2028b", "a\u2028b"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "value"), PLAIN)
def test_a_plain_scalar_means_what_the_core_schema_says(text: str, value: Any) -> None:
    got = tree_of(f"a: {text}")["a"]
    assert (got, type(got)) == (value, type(value))


@pytest.mark.parametrize(("text", "_"), PLAIN)
def test_a_quoted_scalar_is_text(text: str, _: Any) -> None:
    assert tree_of(f"a: '{text}'\nb: \"{text}\"") == {"a": text, "b": text}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("!!str 12", "12"),
        ("! 12", "12"),
        ("!!str", ""),
        ("!!int '12'", 12),
        ("!!float 3", 3.0),
        ("!!float '1E+3'", 1000.0),
        ("!!bool 'true'", True),
        ("!!null ''", None),
        ("!!binary aGk=", "aGk="),
        ("!!timestamp 2020-01-01", "2020-01-01"),
        ("!Ref 12", 12),
        ("!Ref '12'", "12"),
        ("!Ref [1]", [1]),
        ("!!map {a: 1}", {"a": 1}),
        ("!!set {a, b}", {"a": None, "b": None}),
        ("!!omap [a: 1]", [{"a": 1}]),
    ],
)
def test_a_tag_holds_or_is_ignored(text: str, value: Any) -> None:
    got = tree_of(f"a: {text}")["a"]
    assert (got, type(got)) == (value, type(value))


@pytest.mark.parametrize("text", ["!!int twelve", "!!int 1.5", "!!bool 1", "!!null x", "!!float ''"])
def test_a_tag_that_the_text_contradicts_is_found(text: str) -> None:
    [finding] = findings_of(f"b:\n- a: {text}")
    assert (finding.pointer, finding.severity) == ("/b/0/a", "warning")


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("200: x", "200"), ("'200': x", "200"), ("no: x", "no"), ("null: x", "null"), ("~: x", "~"),
        ("?\n: x", ""),
        ("1.50: x", "1.50"), ("0x1F: x", "0x1F"), ("true: x", "true"), ("2020-01-01: x", "2020-01-01"),
        ("!!int 200: x", "200"), ("&a 200: x", "200"), ("? long\n: x", "long"), ("'<<': x", "<<"),
        ("{{name}}: x", "{{name}}"), ("? [a, é]\n: x", "[a, é]"),
    ],
)  # fmt: skip
def test_a_key_is_the_text_as_written(text: str, key: str) -> None:
    assert tree_of(text) == {key: "x"}


def test_a_key_that_is_no_name_is_found() -> None:
    [finding] = findings_of("a:\n  b: {{c}}")
    assert finding.pointer == "/a/b"
    assert "{c}" in finding.message


def test_a_key_that_stands_twice_is_found_and_the_last_wins() -> None:
    text = "paths:\n  /a/{b}~:\n  - get: 1\n    get: 2"
    assert tree_of(text) == {"paths": {"/a/{b}~": [{"get": 2}]}}
    [finding] = findings_of(text)
    assert (finding.pointer, finding.severity) == ("/paths/~1a~1{b}~0/0/get", "warning")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("b: &b {x: 1, y: 1}\nc: {<<: *b, y: 2}", {"x": 1, "y": 2}),
        ("b: &b {x: 1, y: 1}\nc: {y: 2, <<: *b}", {"y": 2, "x": 1}),
        ("b: [&b {x: 1}, &d {x: 2, z: 2}]\nc: {<<: [*b, *d], y: 2}", {"x": 1, "z": 2, "y": 2}),
        ("b: &b {x: 1}\nd: &d {<<: *b, y: 1}\nc: {<<: *d}", {"x": 1, "y": 1}),
        ("b: 1\nc: {<<: {x: 1}}", {"x": 1}),
        ("b: 1\nc: {<<: 1}", {"<<": 1}),
        ("b: 1\nc: {'<<': {x: 1}}", {"<<": {"x": 1}}),
    ],
)
def test_merge_keys(text: str, value: Any) -> None:
    got = tree_of(text)["c"]
    assert (got, list(got)) == (value, list(value))


def test_a_merged_name_may_stand_again_but_not_twice() -> None:
    assert not findings_of("b: &b {x: 1}\nc: {<<: *b, x: 2}")
    assert [finding.pointer for finding in findings_of("b: &b {x: 1}\nc: {<<: *b, x: 2, x: 3}")] == ["/c/x"]
    assert [finding.pointer for finding in findings_of("c: {<<: 1}")] == ["/c/<<"]


def test_an_alias_shares_what_its_anchor_names() -> None:
    tree = tree_of("a: &x [1, &y 2]\nb: *x\nc: *y\n*y : d\n&z 404: e\nf: *z")
    assert tree == {"a": [1, 2], "b": [1, 2], "c": 2, "2": "d", "404": "e", "f": 404}
    assert tree["a"] is tree["b"]


def test_an_anchor_may_be_taken_again() -> None:
    assert tree_of("a: &x 1\nb: *x\nc: &x [2, &x 3, *x]\nd: *x")["d"] == 3


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: &x [1, *x]", "file x.yaml, line 1, column 11: the alias *x is inside"),
        ("a: &x\n  b: &y {c: *x}", "line 2, column 13: the alias *x is inside"),
        ("a: *x", "line 1, column 4: the alias *x has no anchor"),
        ("a: [1, 2", "line 2, column 1: while parsing a flow sequence"),
        ("a: b: c", "line 1, column 5"),
        ("a:\n\t- b", "line 2, column 1"),
        ("", "line 1, column 1: the file is empty"),
        ("# only a comment\n", "the file is empty"),
        ("a: " + "9" * 5000, "line 1, column 4: a number of 5000 digits"),
        ("{'a': 1, b: [}", "line 1, column 14"),
        ('{"a": 1,\n "b": tru e,\n "c" 1}', "line 3"),
        ("%YAML 3.0\n---\na", "line 1, column 1"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(text: str, problem: str) -> None:
    assert problem in refusal_of(text)


def test_of_two_documents_the_first_is_read() -> None:
    text = "a: 1\n---\nb: 2"
    assert tree_of(text) == {"a": 1}
    [finding] = findings_of(text)
    assert "more than one" in finding.message
    assert not findings_of("---\na: 1\n...\n")


@pytest.mark.parametrize(
    "character", [chr(code) for code in (0, 1, 8, 0x0B, 0x1F, 0x7F, 0x80, 0x9F, 0xFEFF, 0xFFFF)]
)
@pytest.mark.parametrize("style", ["a: x{}y", "a: 'x{}y'", 'a: "x{}y"', "a: |-\n  x{}y"])
def test_characters_that_yaml_refuses_are_kept_and_found(style: str, character: str) -> None:
    text = style.format(character)
    assert tree_of(text) == {"a": f"x{character}y"}
    assert [f"U+{ord(character):04X}" in finding.message for finding in findings_of(text)] == [True]


@pytest.mark.parametrize("character", "\x85\u2028\u2029")
def test_line_breaks_of_yaml_1_1_are_characters_of_yaml_1_2(character: str) -> None:
    text = f'a: "x{character}y"\n{character}b: \ue000'
    assert tree_of(text) == {"a": f"x{character}y", f"{character}b": "\ue000"}
    assert not findings_of(text)


ENCODINGS = [
    "utf-8", "utf-8-sig", "utf-16", "utf-32", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be",
]  # fmt: skip


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("text", ['{"a": "é\U0001f600"}', "a: é\U0001f600", "\n a: é\U0001f600"])
def test_encodings(text: str, encoding: str) -> None:
    assert parse_file(text.encode(encoding), "x") == {"a": "é\U0001f600"}


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"a: \xe9t\xe9", "byte 3 (0xe9) is not UTF-8"),
        (b"\xef\xbb\xbfa: \xff", "byte 6 (0xff) is not UTF-8-SIG"),
        (b"\xff\xfea\x00:\x00 \x00\x00\xdc", "byte 8 (0x00) is not UTF-16"),
        (b'{"a": "\xed\xa0\x80"}', "byte 7 (0xed)"),
    ],
)
def test_what_cannot_be_decoded_is_refused_with_its_offset(data: bytes, problem: str) -> None:
    assert problem in refusal_of(data)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)
containers = st.lists(json_values, max_size=4) | st.dictionaries(st.text(), json_values, max_size=4)


@settings(max_examples=50)
@given(containers, st.booleans())
def test_json_is_read_as_json_reads_it(value: Any, ascii_only: bool) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only, indent=1)
    assert parse_file(text.encode(), "x") == json.loads(text)


@settings(max_examples=50)
@given(json_values)
def test_what_a_yaml_writer_writes_is_read_back(value: Any) -> None:
    """But for the line breaks that YAML 1.1 had in addition: its writer folds text at them."""
    assume(not any(character in json.dumps(value, ensure_ascii=False) for character in "\x85\u2028\u2029"))

    class Writer(yaml.SafeDumper):
        ignore_aliases = staticmethod(lambda _data: True)

    text = yaml.dump({"a": value}, Dumper=Writer, allow_unicode=True)
    assert tree_of(text) == {"a": value}


@settings(max_examples=80)
@given(st.text(alphabet=" \n:-?[]{},#&*!|>'\"%@`ab1~<.\t\x00\x85é", max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        tree = tree_of(text)
    except DocumentError:
        return
    assert json.loads(json.dumps(tree)) == tree


@settings(max_examples=80)
@given(st.binary(max_size=30))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with contextlib.suppress(DocumentError):
        assert json.dumps(parse_file(data, "x"))


def test_json_is_never_read_by_a_yaml_reader() -> None:
    program = (
        "import sys; from dynaclient.document.reader import parse_file;"
        r"""print(parse_file(b'{"a": "\\ud83d\\udc4d"}', "x")["a"].encode(), "yaml" in sys.modules)"""
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == f"{'👍'.encode()} False"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": [1, 2,],}', {"a": [1, 2]}),
        ("{a: 1, 'b': 2}", {"a": 1, "b": 2}),
        ('{"a": NaN, "b": Infinity}', {"a": "NaN", "b": "Infinity"}),
        ("{\n\t'a': 1\n}", {"a": 1}),
        ("[x]: y", {"[x]": "y"}),
    ],
)
def test_what_only_begins_like_json_is_read_as_yaml(text: str, value: Any) -> None:
    assert tree_of(text) == value
    assert findings_of(text)[-1].severity == "note"


def test_of_two_readings_the_one_that_came_further_is_reported() -> None:
    assert "line 2, column 11: Expecting ',' delimiter" in refusal_of('{"a": 1,\n "b": "x" "y"}')
    assert "line 1, column 1: the file is empty" in refusal_of("\ufeff")


@pytest.mark.parametrize(
    ("escaped", "value"),
    [
        (r"\ud83d\ude00", "\U0001f600"),
        (r"\ud83d", "\ufffd"),
        (r"\ude00\ud83d", "\ufffd\ufffd"),
        (r"\ud83d\ud83d\ude00", "\ufffd\U0001f600"),
        (r"\\ud83d", r"\ud83d"),
        (r"\\\ud83d", "\\\ufffd"),
    ],
)
def test_half_a_surrogate_pair_is_no_character(escaped: str, value: str) -> None:
    assert tree_of(f'{{"a": "{escaped}"}}') == {"a": value}
    assert bool(findings_of(f'{{"a": "{escaped}"}}')) is ("\ufffd" in value)


@pytest.mark.parametrize(
    ("text", "limits", "problem"),
    [
        ("a: 1", {"bytes": 3}, "more than 3 bytes"),
        ("[[[1]]]", {"depth": 2}, "nested more than 2 deep"),
        ("a: {b: {c: 1}}", {"depth": 2}, "line 1, column 8: lists and maps nested more than 2 deep"),
        ('{"a": [1, 2]}', {"nodes": 3}, "more than 3 values"),
        ("a: [1, 2]", {"nodes": 4}, "more than 4 values"),
        ("[" * 100_000, {}, "nested more than 500 deep"),
        ("a: " + "[" * 100_000, {}, "nested more than 500 deep"),
        ('{"a": ' * 100_000, {}, "nested more than 500 deep"),
        # a parser that looks ahead of its events stops before our bound (at its own: PyYAML 6.0.4)
        ("{a: " * 3000, {}, "line 1, column 2001: lists and maps nested more than 500 deep"),
        ("a: 1\nb:\n  " + "[" * 1005, {}, "line 3, column 502: lists and maps nested more than 500 deep"),
        ("a: " + "[" * 600 + "@", {}, "nested more than 500 deep"),
        ("a: [[@]]", {"depth": 1}, "nested more than 1 deep"),
        ("a: [[@]]", {"depth": 3}, "that cannot start any token"),
        ("- " * 1200 + "x", {}, "nested more than 500 deep"),
        ("[a: " * 3000, {}, "nested more than 500 deep"),
        ('{"a": ' + "9" * 5000 + "}", {}, "a number that is too long"),
    ],
)
def test_limits(text: str, limits: dict[str, int], problem: str) -> None:
    assert problem in refusal_of(text, **limits)


def test_within_the_limits_nothing_is_refused() -> None:
    assert tree_of("[[1]]", depth=2, nodes=3) == [[1]]
    assert tree_of("a: {b: 1}", depth=2, nodes=5, bytes=9) == {"a": {"b": 1}}
    assert str(tree_of("[" * 400 + "]" * 400)) == "[" * 400 + "]" * 400
    assert str(tree_of("- " * 400 + "x")) == "[" * 400 + "'x'" + "]" * 400


def test_alias_expansion_is_bounded() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10)]
    assert "aliases included" in refusal_of("\n".join(lines))
    assert tree_of("\n".join(lines[:4]))["a3"][8][8][8][8] == "x"


def test_depth_counts_through_aliases() -> None:
    lines = ["a0: &a0 []", *(f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, 20))]
    assert "nested more than 10 deep" in refusal_of("\n".join(lines), depth=10)
    assert "line 9, column 10" in refusal_of("\n".join(lines), depth=9)
    assert tree_of("\n".join(lines[:9]), depth=10)
    nested = "a: &a [[&b [], *b]]\nc: &c [*a]\nd: [*c]"
    assert "nested more than 5 deep" in refusal_of(nested, depth=5)
    assert tree_of(nested, depth=6)


WITHOUT_LIBYAML = """\
import json, sys, yaml
if hasattr(yaml, "CSafeLoader"):
    del yaml.CSafeLoader
from dynaclient.document.reader import parse_file
print(json.dumps(parse_file(sys.stdin.buffer.read(), "x.yaml")))
"""


def test_the_parser_without_libyaml_reads_the_same() -> None:
    text = "a: &x [1, '2', 0o17]\nb: {<<: {c: 1}, {d}: é}\n200: !!str 3\ne: *x\nf: |\n  x\n"
    run = subprocess.run(
        [sys.executable, "-c", WITHOUT_LIBYAML], input=text.encode(), capture_output=True, check=True
    )
    assert json.loads(run.stdout) == json.loads(json.dumps(tree_of(text)))


def test_garbage_collection_is_left_as_it_was() -> None:
    tree_of("a: 1")
    assert gc.isenabled()
    gc.disable()
    try:
        tree_of("a: 1")
        refusal_of("a: [")
        assert not gc.isenabled()
    finally:
        gc.enable()


@pytest.mark.skipif(not SHARED.exists(), reason="the published documents are not beside the project")
def test_the_official_document_is_read_as_it_is_meant() -> None:
    """Three traps of YAML 1.1: a bare `=`, `1E+15`, timestamps without quotes."""
    findings: list[Finding] = []
    data = gzip.decompress((SHARED / "facts/official/talon-one-25.17.0.yaml.gz").read_bytes())
    text = json.dumps(parse_file(data, "official", findings=findings), allow_nan=False)
    assert not findings
    assert '"="' in text
    assert '"maximum": 1000000000000000,' in text
    assert '"maximum": "' not in text
