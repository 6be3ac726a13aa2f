"""Style Values: every cell of the tables, and what they leave open."""

import pytest

from dynaclient.wire.styles import (
    MAX_DEPTH,
    StyleError,
    encode_cookie,
    encode_header,
    encode_path,
    encode_query,
)
from tests.openapi.style_tables import COOKIE, HEADER, PATH, QUERY, REFUSED, RFC, RFC_EXAMPLES, cells

ODD = " a/b c+é%?#&=~:@;,$!*'()[]\"<>|^`\\{} "
ODD_WRITTEN = (
    "%20a%2Fb%20c%2B%C3%A9%25%3F%23%26%3D~%3A%40%3B%2C%24%21%2A%27%28%29%5B%5D%22%3C%3E%7C%5E%60%5C%7B%7D%20"
)


@pytest.mark.parametrize(("style", "explode", "value", "expected"), cells(PATH))
def test_path_table(style, explode, value, expected):
    assert encode_path("color", value, style, explode) == expected


@pytest.mark.parametrize(("style", "explode", "value", "expected"), cells(QUERY))
def test_query_table(style, explode, value, expected):
    if expected is REFUSED:
        with pytest.raises(StyleError, match="explode"):
            encode_query("color", value, style, explode)
    else:
        assert encode_query("color", value, style, explode) == expected


@pytest.mark.parametrize(("style", "explode", "value", "expected"), cells(COOKIE))
def test_cookie_table(style, explode, value, expected):
    assert encode_cookie("color", value, style, explode) == expected


@pytest.mark.parametrize(("style", "explode", "value", "expected"), cells(HEADER))
def test_header_table(style, explode, value, expected):
    assert encode_header("color", value, explode) == expected


@pytest.mark.parametrize(
    ("template", "expected"),
    RFC_EXAMPLES,
)
def test_rfc_6570(template, expected):
    inner, explode = template[1:-1].rstrip("*"), template.endswith("*}")
    name = inner.lstrip(".;?")
    if inner.startswith("?"):
        assert "&".join(encode_query(name, RFC[name], "form", explode)) == expected
    else:
        style = {".": "label", ";": "matrix"}.get(inner[0], "simple")
        assert encode_path(name, RFC[name], style, explode) == expected


# What stands inside of a value.


@pytest.mark.parametrize("style", ["simple", "label", "matrix"])
def test_odd_in_a_path(style):
    assert encode_path("p", ODD, style, False).endswith(ODD_WRITTEN)
    assert encode_path("p", [ODD, ODD], style, False).endswith(f"{ODD_WRITTEN},{ODD_WRITTEN}")


@pytest.mark.parametrize("style", ["form", "spaceDelimited", "pipeDelimited", "deepObject"])
def test_odd_in_a_query(style):
    assert encode_query("q", ODD, style, True) == [f"q={ODD_WRITTEN}"]


@pytest.mark.parametrize(
    ("value", "explode", "pairs"),
    [
        ({ODD: ODD}, True, [f"{ODD_WRITTEN}={ODD_WRITTEN}"]),
        ({ODD: ODD}, False, [f"q={ODD_WRITTEN},{ODD_WRITTEN}"]),
        ([ODD, 1], True, [f"q={ODD_WRITTEN}", "q=1"]),
        (["1", "2,3", " 4/é+"], False, ["q=1,2%2C3,%204%2F%C3%A9%2B"]),
    ],
)
def test_odd_inside_of_a_form(value, explode, pairs):
    assert encode_query("q", value, "form", explode) == encode_cookie("q", value, "form", explode) == pairs


def test_names_are_encoded_too():
    assert encode_query("naïve [x]&=", 1, "form", True) == ["na%C3%AFve%20%5Bx%5D%26%3D=1"]
    assert encode_query("größe", {"λ=": 1}, "deepObject", True) == ["gr%C3%B6%C3%9Fe%5B%CE%BB%3D%5D=1"]
    assert encode_path("größe;", 1, "matrix", False) == ";gr%C3%B6%C3%9Fe%3B=1"
    assert encode_cookie("grö=ße", 1, "form", True) == ["gr%C3%B6%3D%C3%9Fe=1"]


def test_primitives():
    assert encode_query("q", [True, False, 10, 10.0, 2**60, 1e22], "form", False) == [
        "q=true,false,10,10.0,1152921504606846976,1e%2B22"
    ]


# Nothing, in its many forms.


@pytest.mark.parametrize("style", ["form", "spaceDelimited", "pipeDelimited", "deepObject"])
@pytest.mark.parametrize("value", [None, [], {}])
def test_an_empty_value_is_left_out_of_a_query_unless_the_document_allows_it(style, value):
    assert encode_query("color", value, style, False) == []
    assert encode_query("color", value, style, False, allow_empty=True) == ["color="]


@pytest.mark.parametrize("explode", [True, False])
@pytest.mark.parametrize("value", [None, [], {}])
def test_an_empty_value_is_left_out_of_a_form_with_and_without_explode(explode, value):
    assert encode_query("color", value, "form", explode) == []
    assert encode_query("color", value, "form", explode, allow_empty=True) == ["color="]
    assert encode_cookie("color", value, "form", explode) == []


@pytest.mark.parametrize("allow_empty", [True, False])
def test_what_is_not_empty_does_not_heed_allow_empty(allow_empty):
    assert encode_query("q", "", "form", True, allow_empty=allow_empty) == ["q="]
    assert encode_query("q", 0, "form", True, allow_empty=allow_empty) == ["q=0"]
    assert encode_query("q", False, "form", True, allow_empty=allow_empty) == ["q=false"]
    assert encode_query("q", [""], "form", False, allow_empty=allow_empty) == ["q="]


@pytest.mark.parametrize("style", ["simple", "label", "matrix"])
@pytest.mark.parametrize("explode", [True, False])
def test_an_empty_array_or_object_in_a_path_is_no_text(style, explode):
    assert encode_path("p", [], style, explode) == encode_path("p", {}, style, explode) == ""


def test_empty_items():
    assert encode_path("p", ["", "x"], "matrix", True) == ";p;p=x"
    assert encode_path("p", {"a": "", "b": "x"}, "matrix", True) == ";a;b=x"
    assert encode_path("p", ["", ""], "label", True) == ".."
    assert encode_query("p", ["", ""], "form", False) == ["p=,"]
    assert encode_query("p", {"a": ""}, "form", True) == ["a="]


# What the specification leaves open.


@pytest.mark.parametrize(
    ("value", "pairs"),
    [
        ({"a": {"b": 1}}, ["q%5Ba%5D%5Bb%5D=1"]),
        ({"tags": ["x", "y"]}, ["q%5Btags%5D=x", "q%5Btags%5D=y"]),
        ({"a": {"tags": ["x&", True]}}, ["q%5Ba%5D%5Btags%5D=x%26", "q%5Ba%5D%5Btags%5D=true"]),
        ({"a": [], "b": {}, "c": 1}, ["q%5Bc%5D=1"]),
        (["x", "y"], ["q%5B%5D=x", "q%5B%5D=y"]),
        (5, ["q=5"]),
    ],
)
def test_deep_object(value, pairs):
    assert encode_query("q", value, "deepObject", True) == pairs


def test_an_array_inside_an_exploded_object_is_repeated():
    assert encode_query("q", {"R": [1, 2], "G": 3}, "form", True) == ["R=1", "R=2", "G=3"]
    assert encode_path("q", {"R": [1, 2], "G": 3}, "matrix", True) == ";R=1;R=2;G=3"


NESTED = [
    [[1]],
    [{"a": 1}],
    {"a": {"b": 1}},
    [None],
    {"a": None},
    {"a": [None]},
    {"a": [[1]]},
    {1: 2},
    [b"x"],
]


@pytest.mark.parametrize("value", NESTED, ids=repr)
@pytest.mark.parametrize("explode", [True, False])
def test_what_no_style_but_deep_object_carries_is_refused(value, explode):
    for style in ("simple", "label", "matrix"):
        with pytest.raises(StyleError):
            encode_path("p", value, style, explode)
    for style in ("form", "spaceDelimited", "pipeDelimited"):
        with pytest.raises(StyleError):
            encode_query("p", value, style, explode)
    for style in ("form", "cookie"):
        with pytest.raises(StyleError):
            encode_cookie("p", value, style, explode)
    with pytest.raises(StyleError):
        encode_header("p", value, explode)


@pytest.mark.parametrize(
    ("value", "pairs"),
    [
        ([{"a": 1}, {"a": 2}], ["p%5B0%5D%5Ba%5D=1", "p%5B1%5D%5Ba%5D=2"]),
        ({"a": [{"b": 1}, 2]}, ["p%5Ba%5D%5B0%5D%5Bb%5D=1", "p%5Ba%5D%5B1%5D=2"]),
        ([[1], [2]], ["p%5B0%5D=1", "p%5B1%5D=2"]),
    ],
)
def test_arrays_of_structures_in_deep_object_travel_by_index(value, pairs):
    assert encode_query("p", value, "deepObject", True) == pairs


@pytest.mark.parametrize("value", [[None], {"a": None}, {"a": {"b": None}}, [{"a": None}]])
def test_what_deep_object_does_not_carry_is_refused(value):
    with pytest.raises(StyleError):
        encode_query("p", value, "deepObject", True)


@pytest.mark.parametrize("value", [{"a": [1]}, {"a": [1], "b": 2}])
def test_an_array_inside_an_object_that_is_not_exploded_is_refused(value):
    with pytest.raises(StyleError, match="array"):
        encode_query("p", value, "form", False)


@pytest.mark.parametrize("key", ["a[b", "a]", "[]", "]["])
def test_a_bracket_in_a_key_of_deep_object_is_refused(key):
    with pytest.raises(StyleError, match="bracket"):
        encode_query("p", {key: 1}, "deepObject", True)


def test_deep_object_ends():
    endless: dict[str, object] = {}
    endless["a"] = endless
    with pytest.raises(StyleError, match=str(MAX_DEPTH)):
        encode_query("p", endless, "deepObject", True)


@pytest.mark.parametrize(("style", "char"), [("spaceDelimited", " "), ("pipeDelimited", "|")])
def test_a_delimiter_that_could_not_be_told_from_an_item_is_refused(style, char):
    for value in ([f"a{char}b"], {"k": char}, {char: 1}):
        with pytest.raises(StyleError, match="delimiter"):
            encode_query("q", value, style, False)
    for triplet in ("%20%7C", "%20%7c"):
        with pytest.raises(StyleError, match="delimiter"):
            encode_query("q", [triplet], style, False, allow_reserved=True)
    assert len(encode_query("q", [f"a{char}b", "c"], style, True)) == 2


@pytest.mark.parametrize("value", [None, float("nan"), float("inf"), "\ud800", b"x", Ellipsis], ids=ascii)
def test_what_is_no_value_is_refused(value):
    with pytest.raises(StyleError):
        encode_path("p", value, "simple", False)
    with pytest.raises(StyleError):
        encode_header("p", value, False)


def test_an_unknown_style_is_refused_by_name():
    for encode in (encode_path, encode_query, encode_cookie):
        with pytest.raises(StyleError, match="tabDelimited"):
            encode("p", 1, "tabDelimited", False)


# allowReserved: RFC 6570 section 3.2.3, less what would end the component.


def test_allow_reserved_in_a_query():
    def write(value, explode=True):
        return encode_query("q", value, "form", explode, allow_reserved=True)

    assert write(":/?#[]@!$&'()*+,;=") == ["q=:/?%23%5B%5D@!$%26'()*%2B,;="]
    assert write("100%25 %zz") == ["q=100%25%20%25zz"]
    assert write({"$a=b": "c=d"}) == ["$a%3Db=c=d"]
    assert write(["a,b", "c/d"], False) == ["q=a%2Cb,c/d"]
    assert encode_query("$q", {"a": "b/c"}, "deepObject", True, allow_reserved=True) == ["$q%5Ba%5D=b/c"]


@pytest.mark.parametrize("value", ["/", "a/../b", "?x", "#x", "%2F", "%2e%2e", "..\\", "[::1]"])
def test_allow_reserved_never_leaves_the_segment(value):
    written = encode_path("p", value, "simple", False, allow_reserved=True)
    assert not set(written) & set("/?#[]\\")
    assert "%2F" not in written or "/" in value
    assert "%2e" not in written


def test_allow_reserved_in_a_path():
    assert encode_path("p", ":@!$&'()*+,;=", "simple", False, allow_reserved=True) == ":@!$&'()*+,;="
    assert encode_path("p", ["a,b", "c;d"], "simple", False, allow_reserved=True) == "a%2Cb,c;d"
    assert encode_path("p", "a;b,c=d", "matrix", False, allow_reserved=True) == ";p=a%3Bb,c=d"
    assert encode_path("p", {"k=": "a=b"}, "simple", True, allow_reserved=True) == "k%3D=a=b"


# Headers and cookies are passed as they are.


def test_a_header_is_never_percent_encoded():
    assert encode_header("X", 'a/b é%20"x"', False) == 'a/b é%20"x"'
    assert encode_header("X", ["a b", '"c,d"'], False) == 'a b,"c,d"'


@pytest.mark.parametrize("value", ["a\r\nX: y", "\0", "Δ", " a", "a\t", ["a", "b\n"], {"k\r": 1}])
def test_what_a_header_cannot_hold_is_refused(value):
    with pytest.raises(StyleError, match="header"):
        encode_header("X", value, True)


def test_style_cookie_escapes_nothing():
    assert encode_cookie("sid", "a%20b=c&d", "cookie", True) == ["sid=a%20b=c&d"]
    assert encode_cookie("sid", "a b;c", "form", True) == ["sid=a%20b%3Bc"]


@pytest.mark.parametrize("value", ["a;b", "a b", "a\r\nb", ["a,b"], {"a": ";"}, {"a b": 1}, {"a=b": 1}, "é"])
def test_what_style_cookie_cannot_hold_is_refused(value):
    with pytest.raises(StyleError, match="cookie"):
        encode_cookie("sid", value, "cookie", True)
