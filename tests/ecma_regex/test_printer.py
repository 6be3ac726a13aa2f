"""Patterns mean the same to both engines, and what ECMA-262 says: Node is the referee where it is at hand."""

from __future__ import annotations

import json
import random
import re
import shutil
import subprocess
import tarfile
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dynaclient.ecma_regex.printer import Pattern, PatternError, translate

# (pattern, texts that match, texts that do not)
ECMA: list[tuple[str, list[str], list[str]]] = [
    ("", ["", "x"], []),
    ("b", ["abc"], ["ac"]),
    (r"^\d+$", ["0", "123"], ["", "٣", "1\n", "a"]),
    (r"^\D$", ["a", "٣"], ["1"]),
    (r"^\w+$", ["aZ_9"], ["é", "-", "ſ"]),
    (r"^\W$", ["é", "-"], ["a", "_"]),
    (
        r"^\s$",
        [" ", "\t", "\n", "\v", "\f", "\r", "\u00a0", "\u2028", "\u3000", "\ufeff"],
        ["\x1c", "\x85", "a"],
    ),
    (r"^\S$", ["\x1c", "\x85", "a"], [" ", "\ufeff"]),
    ("^.$", ["a", "é", "😀", "\x85"], ["\n", "\r", "\u2028", "\u2029", ""]),
    ("^a$", ["a"], ["a\n", "b\na", "\na"]),
    (r"\bfoo\b", ["foo", "a foo.", "éfoo"], ["xfoo", "foo_", "fo"]),
    (r"o\B", ["foo"], ["o", "fo"]),
    ("^[^]$", ["\n", "a", "\u2028"], ["", "aa"]),
    ("[]", [], ["", "a", "]"]),
    ("^[^]*x[]?$", ["x", "\nx"], ["y"]),
    (r"^\/a\-b\.$", ["/a-b."], ["/a-bx"]),
    (r"^[\w-.]+$", ["a-b.c"], ["a b"]),
    (r"^[a\-z]$", ["a", "-", "z"], ["b"]),
    (r"^[a-]$", ["a", "-"], ["b"]),
    (r"^[-a]$", ["a", "-"], ["b"]),
    (r"^[\d-x]$", ["5", "-", "x"], ["y"]),
    (r"^[\]\\^]$", ["]", "\\", "^"], ["a"]),
    (r"^[a^]$", ["a", "^"], ["b"]),
    (r"^[.*+?(){}|$]$", list(".*+?(){}|$"), ["a", "^"]),
    ("^[[]$", ["["], ["a"]),
    ("^[a&&b]$", ["a", "&", "b"], ["&&"]),
    ("^[a||b~~c]$", ["a", "|", "~"], ["||"]),
    (r"^[+--]$", ["+", ",", "-"], ["."]),
    (r"^[!-~]+$", ["a!~"], [" ", "é"]),
    (r"^[\b]$", ["\b"], ["b"]),
    (r"^\cJ\x41\u0042\t\0$", ["\nAB\t\0"], ["cJ"]),
    (r"^\ud83d\ude00$", ["😀"], ["\ud83d".encode("utf-16", "surrogatepass").decode("utf-16", "replace")]),
    (r"^\u{1F600}$", ["😀"], ["u"]),
    (r"^[\ud83d\ude00-\ud83d\ude02]$", ["😀", "😁"], ["😃", "a"]),
    (r"^[\u0020-\uffff]+$", ["a é"], ["\t", "😀"]),
    (r"^(?<year>\d{2})-\k<year>$", ["19-19"], ["19-20"]),
    (r"^(a|b)\1$", ["aa", "bb"], ["ab"]),
    (r"^(a)\1[0]$", ["aa0"], ["a0", "aa"]),
    (r"^(['\"])?x\1$", ["x", "'x'", '"x"'], ["'x", "'x\""]),
    ("^(?=.{3,5}$)[a-z]+$", ["abc"], ["ab", "abcdef", "ab1"]),
    ("^(?!admin$).+$", ["user", "admins"], ["admin"]),
    (r"(?<=\$)\d+", ["$1"], ["1"]),
    (r"(?<=a|bc)d", ["ad", "bcd"], ["cd"]),
    (r"(?<!a|bc)d", ["d", "cd"], ["ad", "bcd"]),
    ("^a+?b*?c??$", ["a", "aabbc"], ["b"]),
    ("^a{2}b{1,}c{1,2}$", ["aabc", "aabbcc"], ["abc", "aac", "aabccc"]),
    ("^a{0}$", [""], ["a"]),
    ("^(?:ab)+$", ["abab"], ["aba"]),
    ("^(a*)*$", ["", "aaa"], ["b"]),
    ("^(?:)*(?:(?=a))+(?:(?!b)){2}a(?:){0}$", ["a"], ["b", "aa"]),
    ("^(?:(?=b))*?a$", ["a"], ["b"]),
    ("^[a-z]+-?[a-z]+$", ["aa", "a-b"], ["a", "a-", "-a"]),
    (r"^\d+\.?\d+$", ["1.5", "15"], ["1"]),
    ("^(?:a+)(?:b??)(?:a+)$", ["aa", "aba"], ["a", "ab"]),
    ("^(?:[a]+)a?(?:(?:a))+$", ["aa", "aaa"], ["a"]),
    ("^(?:ab)+(b)*(?:ab){1,}$", ["abab", "abbab"], ["ab", "abb"]),
    ("^(?:|a)b$", ["b", "ab"], ["a"]),
    ("^a|b$", ["ax", "xb"], ["xa", "bx"]),
    ("^(?:(?=a)a)*$", ["", "aa"], ["b"]),
    ("^a{b}$", ["a{b}"], ["ab"]),
    ("^{$", ["{"], ["a"]),
    ("^a]}$", ["a]}"], ["a"]),
    (r"^\{\}\[\]\(\)\|\^\$\*\+\?\/$", ["{}[]()|^$*+?/"], ["x"]),
    (r"^#a b-c&~:,;'@!%<>=_`$", ["#a b-c&~:,;'@!%<>=_`"], ["a"]),
    (r"^\p{L}+$", ["aéß中"], ["1", "_"]),
    (r"^\p{Lu}\p{Ll}*$", ["Éa", "A"], ["a"]),
    (r"^[\p{N}\p{Letter}_]+$", ["é٣_"], ["-"]),
    (r"^\P{Nd}$", ["a"], ["7", "٣"]),
    (r"^\p{General_Category=Decimal_Number}$", ["٣"], ["a"]),
    ("^.{1,50000}$", ["a", "é" * 50000], ["", "é" * 50001]),
    ("^(?:ab){1500}$", ["ab" * 1500], ["ab" * 1499]),
    ("^([^:,]*):([^]*|[^,]*)$", ["a:b", ":\n", "a:b,c"], ["a", "a,b:c"]),
    ("^[a-zA-Z]((?!--|__)[a-zA-Z0-9-_])+$", ["ab-c_d"], ["ab--c", "a"]),
]

# what ECMA-262 does not have, or reads as something that nobody can have meant
OTHER: list[tuple[str, list[str], list[str]]] = [
    (r"^[^[:cntrl:]\s][^[:cntrl:]]*$", ["My collection", "é"], [" a", "a\n", "a\x7f", ""]),
    ("^[[:alpha:]_][[:alnum:]_]*$", ["a1_"], ["1a", "é"]),
    ("^[[:xdigit:][:blank:]]+$", ["aF 9\t"], ["g", "\n"]),
    ("^[[:punct:]]$", list("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"), ["a", " "]),
    ("(?i)^abc$", ["ABC", "abc"], ["abd"]),
    ("^(?i)k[à-é]$", ["kÀ", "Kà", "\u212aé"], ["k"]),
    ("^a(?i:b)c$", ["abc", "aBc"], ["ABC"]),
    ("(?s)^a.b$", ["a\nb"], ["ab"]),
    ("(?m)^b$", ["b", "a\nb\nc"], ["ab"]),
    ("(?u)^é$", ["é"], ["e"]),
    (r"\Aa\Z", ["a"], ["a\n", "ba"]),
    (r"^a\z", ["a"], ["a\n"]),
    (r"^(?P<q>['_])a(?P=q)$", ["'a'", "_a_"], ["'a_"]),
    (r"^\pL\p{Nd}$", ["é1"], ["11", "pL1"]),
    (r"^\x{1F600}$", ["😀"], ["x"]),
    (r"/^[a-z]+\/$/i", ["abc/", "AB/"], ["/abc//i", "1"]),
    (r"/^\d+$/", ["1"], ["/1/"]),
]

REFUSED = [
    *(
        "(",
        ")",
        "a)",
        "[a",
        "*a",
        "a**",
        "a++",
        "a*+",
        "^*",
        "a{2,1}",
        "[b-a]",
        "\\",
        "(?",
        "(?<n",
        "(?)",
        "{1}",
    ),
    *(r"(?>a)", r"(?(1)a)", r"(?#x)", r"(?x)a", r"(?R)", r"(?|a)", r"(?'n'a)", r"\h", r"\Qa\E", r"\R", r"\K"),
    *(
        r"\i\c*",
        r"\a",
        r"\e",
        r"\x1",
        r"\u12",
        r"\u{110000}",
        r"\c1",
        r"\p{Greek}",
        r"\p{Script=Greek}",
        r"\p",
    ),
    *(r"\1", r"(a)\2", r"(a)|\1", r"(a)*\1", r"\1(a)", r"\k<n>", r"(?<n>a)(?<n>b)\k<n>", r"(?i)(a)\1"),
    *(
        r"(?<=a*)b",
        r"(?<=(a)\1)b",
        r"a{,5}",
        r"a{2000000}",
        r"[a-z&&[^b]]",
        r"[[:foo:]]",
        r"[\ud83d]",
        r"\ud83d",
    ),
    *("(" * 500 + ")" * 500, "/^a$/q"),
]


def by_python(pattern: Pattern, text: str) -> bool:
    return re.search(pattern.python, text) is not None


def by_rust(pattern: Pattern, text: str) -> bool:
    return jsonschema_rs.Draft202012Validator({"pattern": pattern.rust}).is_valid(text)


@pytest.mark.sampled(2)
@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(("source", "matching", "others"), ECMA + OTHER)
def test_both_engines_read_a_pattern_alike(source: str, matching: list[str], others: list[str]) -> None:
    pattern = translate(source)
    assert pattern.source == source
    for engine in (by_python, by_rust):
        assert [text for text in matching if not engine(pattern, text)] == []
        assert [text for text in others if engine(pattern, text)] == []


@pytest.mark.parametrize("source", [source for source, *_ in OTHER if not source.startswith("(?u)")])
def test_a_reading_that_is_not_ecma_is_noted(source: str) -> None:
    assert translate(source).note


@pytest.mark.parametrize("source", [source for source, *_ in ECMA])
def test_plain_ecma_needs_no_note(source: str) -> None:
    assert translate(source).note == ""


@pytest.mark.parametrize("source", REFUSED)
def test_what_has_no_certain_meaning_is_refused(source: str) -> None:
    with pytest.raises(PatternError):
        translate(source)


def test_a_refusal_says_where_and_why() -> None:
    with pytest.raises(PatternError, match=r"pattern 'ab\(\?>c\)', character 4: this kind of group"):
        translate("ab(?>c)")


@pytest.mark.parametrize(("source", "matching", "others"), ECMA + OTHER)
def test_what_was_printed_reads_the_same_again(source: str, matching: list[str], others: list[str]) -> None:
    first = translate(source)
    for printed in (first.rust, first.python):
        again = translate(printed)
        assert all(by_python(again, text) for text in matching)
        assert not any(by_python(again, text) for text in others)


ATOMS = [
    *(
        "a",
        "b",
        "_",
        "-",
        "é",
        r"\d",
        r"\w",
        r"\s",
        r"\W",
        r"\S",
        ".",
        "[ab]",
        "[^a]",
        r"[\w-]",
        r"[^\s_]",
        "[^]",
    ),
    *(
        r"[\d\-b]",
        r"\u00e9",
        r"\x61",
        r"\-",
        r"\/",
        "(?:a|b1)",
        "(a|)",
        "(?=a)",
        "(?!b)",
        r"\b",
        r"\B",
        "^",
        "$",
    ),
    *(r"(?<=a|b1)", "(?<!a)", r"\p{L}", "|"),
]
QUANTIFIERS = ["", "", "", "*", "+", "?", "{2}", "{1,2}", "*?"]
TEXT = "ab1_-é \n\u2028/😀"


def _random_pattern(choose: Any) -> str:
    def term() -> str:
        atom = choose(ATOMS)
        bare = (
            atom in ("^", "$", r"\b", r"\B", "|") or atom.startswith("(?<") or atom.startswith(("(?=", "(?!"))
        )
        return str(atom if bare else atom + choose(QUANTIFIERS))

    return "".join(term() for _ in range(choose(range(1, 7))))


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_random_patterns_get_the_same_verdict(data: st.DataObject) -> None:
    pattern = translate(_random_pattern(lambda options: data.draw(st.sampled_from(options))))
    validator = jsonschema_rs.Draft202012Validator({"pattern": pattern.rust})
    for text in data.draw(st.lists(st.text(TEXT, max_size=6), min_size=1, max_size=8)):
        assert validator.is_valid(text) == by_python(pattern, text)


_SCRIPT = """
const compile = (source) => { try { return new RegExp(source, "u"); } catch { return new RegExp(source); } };
const judge = (regexp, texts) => [regexp.flags, texts.map((text) => regexp.test(text))];
const cases = JSON.parse(require("fs").readFileSync(0, "utf8"));
console.log(JSON.stringify(cases.map(([source, texts]) => judge(compile(source), texts))));
"""


def by_node(cases: list[tuple[str, list[str]]]) -> list[tuple[str, list[bool]]]:
    """For each case the flags (`u`, or none where only Annex B reads the pattern) and the verdicts."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("node, the referee for ECMA-262, is not installed")
    done = subprocess.run(
        [node, "-e", _SCRIPT], input=json.dumps(cases), capture_output=True, text=True, check=True
    )
    return [(flags, verdicts) for flags, verdicts in json.loads(done.stdout)]


def test_the_table_is_what_ecma_262_says() -> None:
    referee = by_node([(source, matching + others) for source, matching, others in ECMA])
    expected = [[True] * len(matching) + [False] * len(others) for _, matching, others in ECMA]
    wrong = [row[0] for row, (_, said), due in zip(ECMA, referee, expected, strict=True) if said != due]
    assert wrong == []


def test_random_patterns_are_read_as_ecma_262_reads_them() -> None:
    dice = random.Random(262)
    sources = [_random_pattern(dice.choice) for _ in range(1500)]
    texts = ["".join(dice.choice(TEXT) for _ in range(dice.randint(0, 5))) for _ in range(30)]
    referee = by_node([(source, texts) for source in sources])
    # without `u`, characters are halves of surrogate pairs and `\\p` is a p; we never read them so
    compared = [
        (source, said) for source, (flags, said) in zip(sources, referee, strict=True) if flags == "u"
    ]
    assert len(compared) > 500
    for source, said in compared:
        pattern = translate(source)
        assert [by_python(pattern, text) for text in texts] == said, source


SUITE = Path(__file__).parents[3] / "shared" / "facts" / "json-schema-test-suite.tar.gz"


@pytest.mark.skipif(not SUITE.exists(), reason="the JSON Schema test suite is not beside the repository")
def test_the_json_schema_suite_on_ecma_patterns() -> None:
    with tarfile.open(SUITE) as archive:
        file = archive.extractfile("tests/draft2020-12/optional/ecmascript-regex.json")
        assert file is not None
        cases = json.load(file)
    compared = 0
    for case in cases:
        for source in _patterns_of(case["schema"]):
            pattern = translate(source)
            for test in case["tests"]:
                for text in [test["data"]] if isinstance(test["data"], str) else list(test["data"] or ()):
                    compared += 1
                    assert by_python(pattern, text) == by_rust(pattern, text) == test["valid"], (source, text)
    assert compared > 50


def _patterns_of(schema: dict[str, Any]) -> list[str]:
    return [schema["pattern"]] if "pattern" in schema else list(schema.get("patternProperties", ()))
