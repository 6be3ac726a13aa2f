"""Reading back: decode(encode(value)) == value in every style, and what others write.

What cannot be read back, and so is not generated here:
- an empty array or object, which is not sent (of a path: no text, which is read as empty);
- an array of one empty string in `simple`, which is the same text as the empty array;
- in an exploded label, a `.` inside a part: RFC 6570 writes it bare, as the delimiter;
- in a header, `,` inside a part, `=` inside a key and space around a part: headers are never escaped;
- the delimiter inside an item of a delimited style, a bracket in a key of deepObject, and what a cookie of
  style `cookie` cannot hold: `styles` refuses them;
- percent-encoded triplets under allowReserved, which pass as they are.
"""

from urllib.parse import parse_qsl

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from dynaclient._support.missing import MISSING
from dynaclient.wire.style_parsing import decode_cookie, decode_header, decode_path, decode_query
from dynaclient.wire.styles import (
    MAX_DEPTH,
    StyleError,
    encode_cookie,
    encode_header,
    encode_path,
    encode_query,
)
from dynaclient.wire.value_types import ANY, ExpectedType


def shape(*types, items=None, extra=None, **properties):
    return ExpectedType(frozenset(types), items, properties, extra)


STRING, INTEGER, NUMBER, BOOLEAN = map(shape, ("string", "integer", "number", "boolean"))
STRINGS, INTEGERS = shape("array", items=STRING), shape("array", items=INTEGER)
OBJECT = shape("object", R=INTEGER, G=INTEGER, B=INTEGER)
RGB = {"R": 100, "G": 200, "B": 150}

# The round trip.

ODD = " a/b c+é%?#&=~:@;,$!*'()[]\"<>|^`\\{} "


def texts(without="", within=None):
    if within:
        return st.text(within, min_size=1)
    odd = "".join(char for char in ODD if char not in without)
    return st.text(
        st.sampled_from(odd) | st.characters(exclude_categories=["Cs"], exclude_characters=without),
        max_size=8,
    )


def shaped_values(text, keys=None):
    """(value, shape) of one value, an array or an object; strings from `text`, keys from `keys`."""
    singles = st.one_of(
        st.tuples(text, st.just(STRING)),
        st.tuples(st.integers(), st.just(INTEGER)),
        st.tuples(st.floats(allow_nan=False, allow_infinity=False), st.just(NUMBER)),
        st.tuples(st.booleans(), st.just(BOOLEAN)),
    )
    arrays = st.lists(text, min_size=1, max_size=4).filter(lambda items: items != [""])
    integers = st.lists(st.integers(), min_size=1, max_size=4)
    objects = st.dictionaries(text if keys is None else keys, singles, min_size=1, max_size=4)
    return st.one_of(
        singles,
        st.tuples(arrays, st.just(STRINGS)),
        st.tuples(integers, st.just(INTEGERS)),
        objects.map(shaped_object),
    )


def shaped_object(pairs):
    found = {name: single for name, (single, _) in pairs.items()}
    return found, ExpectedType(
        frozenset({"object"}), None, {name: part for name, (_, part) in pairs.items()}, None
    )


explodes = st.booleans()


def dotless(value):
    parts = [*value, *value.values()] if isinstance(value, dict) else value
    return not isinstance(value, (list, dict)) or not any("." in f"{part}" for part in parts)


@given(shaped_values(texts()), explodes, st.sampled_from(["simple", "label", "matrix"]), st.booleans())
def test_path_round_trip(shaped, explode, style, reserved):
    value, expected = shaped
    assume(style != "label" or not explode or dotless(value))
    raw = encode_path("na;me", value, style, explode, allow_reserved=reserved)
    assert raw.isascii()
    assert not set(raw) & set("/?#")
    assert decode_path(raw, "na;me", style, explode, expected) == value


@given(shaped_values(texts()), explodes)
def test_form_round_trip(shaped, explode):
    value, expected = shaped
    raw = "&".join(encode_query("na&me", value, "form", explode))
    assert decode_query(raw, "na&me", "form", explode, expected) == value


@given(shaped_values(texts(without="%")), explodes)
def test_form_round_trip_with_reserved_characters(shaped, explode):
    value, expected = shaped
    raw = "&".join(encode_query("n", value, "form", explode, allow_reserved=True))
    assert decode_query(raw, "n", "form", explode, expected) == value


@given(shaped_values(texts(without=" |")), st.sampled_from(["spaceDelimited", "pipeDelimited"]))
def test_delimited_round_trip(shaped, style):
    value, expected = shaped
    (raw,) = encode_query("name", value, style, False)
    assert decode_query(raw, "name", style, False, expected) == value


@given(st.lists(texts(), min_size=1), st.sampled_from(["spaceDelimited", "pipeDelimited"]))
def test_exploded_delimited_round_trip(value, style):
    raw = "&".join(encode_query("name", value, style, True))
    assert decode_query(raw, "name", style, True, STRINGS) == value


def nested(depth):
    """(value, shape) of objects in objects, with arrays."""
    single = st.one_of(
        st.tuples(texts(), st.just(STRING)),
        st.tuples(st.integers(), st.just(INTEGER)),
        st.tuples(st.lists(texts(), min_size=1, max_size=3), st.just(STRINGS)),
    )
    inner = nested(depth - 1) if depth else st.nothing()
    return st.dictionaries(texts(without="[]"), single | inner, min_size=1, max_size=3).map(shaped_object)


@given(nested(2))
def test_deep_object_round_trip(shaped):
    value, expected = shaped
    raw = "&".join(encode_query("na[me]", value, "deepObject", True))
    assert decode_query(f"other=1&{raw}&na=2", "na[me]", "deepObject", True, expected) == value


@given(shaped_values(texts(without="[]")).filter(lambda shaped: not isinstance(shaped[0], dict)))
def test_deep_object_round_trip_of_other_values(shaped):
    value, expected = shaped
    raw = "&".join(encode_query("q", value, "deepObject", True))
    assert decode_query(raw, "q", "deepObject", True, expected) == value


header_texts = st.text(st.characters(codec="latin-1", exclude_categories=["Cc"], exclude_characters=",= "))


@given(shaped_values(header_texts.filter(bool), header_texts), explodes)
def test_header_round_trip(shaped, explode):
    value, expected = shaped
    assert decode_header(f" {encode_header('X', value, explode)}\t", "X", explode, expected) == value


@given(shaped_values(texts()), explodes)
def test_form_cookie_round_trip(shaped, explode):
    value, expected = shaped
    raw = "; ".join(["other=1", *encode_cookie("na;me", value, "form", explode)])
    properties = [] if "object" in expected.types and "other" in expected.properties else ["other"]
    assert decode_cookie(raw, "na;me", "form", explode, expected, taken=properties) == value


octets = "!#$%&'()*+-./09:<=>?@AZ[]^_`az{|}~"
tokens = "!#$%&'*+-.09AZ^_`az|~"


@given(shaped_values(texts(within=octets), texts(within=tokens)), explodes)
def test_cookie_style_round_trip(shaped, explode):
    value, expected = shaped
    raw = "; ".join(encode_cookie("sid", value, "cookie", explode))
    assert decode_cookie(raw, "sid", "cookie", explode, expected) == value


@given(st.dictionaries(texts(), texts(), min_size=1), st.lists(texts(), min_size=1))
def test_an_outside_reader_reads_exploded_forms_alike(mapping, items):
    raw = "&".join(encode_query("q", mapping, "form", True) + encode_query(ODD, items, "form", True))
    read = parse_qsl(raw, keep_blank_values=True, strict_parsing=True, errors="strict")
    assert read == [*mapping.items(), *((ODD, item) for item in items)]


@given(st.dictionaries(texts(without="[]"), texts(), min_size=1), st.lists(texts(), min_size=1))
def test_an_outside_reader_reads_deep_objects_alike(mapping, items):
    raw = "&".join(encode_query("q", {"a": mapping, "b": items}, "deepObject", True))
    read = parse_qsl(raw, keep_blank_values=True, strict_parsing=True, errors="strict")
    assert read == [(f"q[a][{key}]", text) for key, text in mapping.items()] + [
        ("q[b]", text) for text in items
    ]


# What cannot be told, and how it is read.


@pytest.mark.parametrize("style", ["simple", "label", "matrix"])
@pytest.mark.parametrize("explode", [True, False])
def test_no_text_in_a_path_is_an_empty_array_or_object(style, explode):
    assert decode_path("", "p", style, explode, STRINGS) == []
    if not (style == "matrix" and explode):
        assert decode_path("", "p", style, explode, OBJECT) == {}


@pytest.mark.parametrize(
    ("raw", "shape_", "value"),
    [
        ("q=", STRINGS, [""]),
        ("q=", INTEGERS, []),
        ("q=", STRING, ""),
        ("q", STRING, ""),
        ("", STRINGS, MISSING),
    ],
)
@pytest.mark.parametrize("style", ["form", "spaceDelimited", "pipeDelimited"])
def test_an_empty_text_behind_a_name(raw, shape_, value, style):
    assert decode_query(raw, "q", style, False, shape_) == value


@pytest.mark.parametrize(
    ("text", "types", "value"),
    [
        ("5", ["integer"], 5),
        ("5", ["string"], "5"),
        ("5", ["string", "integer"], 5),
        ("5", ["array"], ["5"]),
        ("5", [], "5"),
        ("5.5", ["integer", "string"], "5.5"),
        ("5.5", ["integer"], "5.5"),
        ("5.0", ["integer"], 5.0),
        ("1e3", ["number"], 1000.0),
        ("007", ["integer"], "007"),
        ("+5", ["integer"], " 5"),
        ("%2B5", ["integer"], "+5"),
        ("٣", ["integer"], "٣"),
        ("1_000", ["integer"], "1_000"),
        ("NaN", ["number"], "NaN"),
        ("1e999", ["number"], "1e999"),
        ("9" * 5000, ["integer"], "9" * 5000),
        ("1152921504606846977", ["number"], 1152921504606846977),
        ("true", ["boolean"], True),
        ("True", ["boolean"], "True"),
        ("1", ["boolean"], "1"),
        ("true", ["boolean", "string"], True),
        ("null", ["null", "integer"], None),
        ("", ["null", "integer"], None),
        ("", ["null", "string"], ""),
        ("null", ["null", "string"], "null"),
        ("", ["integer"], ""),
    ],
    ids=lambda value: f"{value!s:.20}",
)
def test_single_values(text, types, value):
    read = decode_query(f"q={text}", "q", "form", True, shape(*types))
    assert (read, type(read)) == (value, type(value))


@pytest.mark.parametrize(
    ("raw", "explode", "value"),
    [("q=5", True, 5), ("q=5&q=6", True, [5, 6]), ("q=5", False, 5), ("q=5,6", False, [5, 6])],
)
def test_one_value_or_an_array(raw, explode, value):
    union = shape("integer", "array", items=INTEGER)
    assert decode_query(raw, "q", "form", explode, union) == value


def test_one_value_or_an_object():
    created = shape("integer", "object", gte=INTEGER)
    assert decode_query("created=5", "created", "deepObject", True, created) == 5
    assert decode_query("created[gte]=5", "created", "deepObject", True, created) == {"gte": 5}
    assert decode_query("q=5", "q", "form", True, created) == 5
    assert decode_query("gte=5", "q", "form", True, created) == {"gte": 5}
    assert decode_path("gte=5", "q", "simple", True, created) == {"gte": 5}
    assert decode_path("5", "q", "simple", True, created) == 5


def test_an_array_or_an_object():
    either = shape("array", "object", items=STRING)
    assert decode_path("a=1,b=2", "p", "simple", True, either) == {"a": "1", "b": "2"}
    assert decode_path("a,b", "p", "simple", True, either) == ["a", "b"]


def test_an_exploded_object_among_other_parameters():
    raw = "page=1&R=100&x=2&G=200&B=150"
    assert decode_query(raw, "color", "form", True, OBJECT) == RGB
    free = shape("object", R=INTEGER, extra=ANY)
    assert decode_query(raw, "color", "form", True, free, taken={"page", "G", "B"}) == {"R": 100, "x": "2"}
    assert decode_query("page=1", "color", "form", True, OBJECT) is MISSING
    assert decode_cookie("page=1; R=1", "color", "form", True, free, taken=["page"]) == {"R": 1}
    unnamed = shape("object", "null")
    assert decode_query(raw, "color", "form", True, unnamed, taken={"page", "G", "B"}) == {
        "R": "100",
        "x": "2",
    }
    assert decode_query("page=1", "color", "form", True, unnamed, taken={"page"}) is MISSING


def test_a_property_with_the_name_of_its_parameter():
    assert decode_query(
        "color=1&R=2", "color", "form", True, shape("object", "null", color=STRING, R=INTEGER)
    ) == {
        "color": "1",
        "R": 2,
    }


def test_an_array_inside_an_exploded_object():
    found = shape("object", R=INTEGERS, G=INTEGER)
    assert decode_query("R=1&R=2&G=3", "q", "form", True, found) == {"R": [1, 2], "G": 3}
    assert decode_path(";R=1;R=2;G=3", "q", "matrix", True, found) == {"R": [1, 2], "G": 3}


def test_without_a_shape_several_values_are_an_array():
    assert decode_query("q=1&q=2", "q", "form", True, ANY) == ["1", "2"]
    assert decode_query("q=1", "q", "form", True, ANY) == "1"
    assert decode_query("q[a][b]=1&q[c]=2&q[c]=3", "q", "deepObject", True, ANY) == {
        "a": {"b": "1"},
        "c": ["2", "3"],
    }


# What others write.


@pytest.mark.parametrize(
    "raw",
    [
        "color=blue%20black%20brown",
        "color=blue+black+brown",
        "x=1&color=blue black brown&y",
        "%63olor=blue%20black%20brown",
    ],
)
def test_space_delimited_as_others_write_it(raw):
    assert decode_query(raw, "color", "spaceDelimited", False, STRINGS) == ["blue", "black", "brown"]


@pytest.mark.parametrize("raw", ["c=a%7Cb%20c", "c=a%7cb+c", "c=a|b%20c"])
def test_pipe_delimited_as_others_write_it(raw):
    assert decode_query(raw, "c", "pipeDelimited", False, STRINGS) == ["a", "b c"]


@pytest.mark.parametrize("raw", ["q[t]=x&q[t]=y", "q%5Bt%5D=x&q[t]=y", "q[t][]=x&q[t][]=y"])
def test_deep_object_as_others_write_it(raw):
    assert decode_query(raw, "q", "deepObject", True, shape("object", t=STRINGS)) == {"t": ["x", "y"]}


@pytest.mark.parametrize("raw", ["e[]=x", "e%5B%5D=x", "e=x"])
def test_an_array_in_deep_object_as_others_write_it(raw):
    assert decode_query(raw, "e", "deepObject", True, STRINGS) == ["x"]


@pytest.mark.parametrize(
    "raw", ["", "x=1", "colors[R]=1", "color[R=1", "color[R]x=1", "color]R[=1", "%zz[R]=1"]
)
def test_deep_object_that_is_not_there(raw):
    assert decode_query(raw, "color", "deepObject", True, OBJECT) is MISSING


def test_header_lists_as_others_write_them():
    assert decode_header("a , b,\tc ", "X", False, STRINGS) == ["a", "b", "c"]
    assert decode_header("a+b%20", "X", False, STRING) == "a+b%20"


def test_cookies_as_others_write_them():
    assert decode_cookie("a=1;b=2 ;  c=3", "b", "form", True, INTEGER) == 2
    assert decode_cookie("a=1%2C+2", "a", "form", True, STRING) == "1,+2"
    assert decode_cookie("a=1%2C+2", "a", "cookie", True, STRING) == "1%2C+2"
    assert decode_cookie("", "a", "form", True, STRING) is MISSING


def test_the_first_of_several_is_read_where_one_is_due():
    assert decode_query("q=1&q=2", "q", "form", True, INTEGER) == 1


def test_a_broken_pair_of_another_parameter_does_no_harm():
    assert decode_query("%zz=%zz&q=1", "q", "form", True, INTEGER) == 1


@pytest.mark.parametrize(
    ("read", "says"),
    [
        (lambda: decode_path("%zz", "p", "simple", False, STRING), "hexadecimal"),
        (lambda: decode_path("%ff", "p", "simple", False, STRINGS), "UTF-8"),
        (lambda: decode_path("blue", "p", "label", False, STRING), "dot"),
        (lambda: decode_path("blue", "p", "matrix", False, STRING), "semicolon"),
        (lambda: decode_path("a,1,b", "p", "simple", False, OBJECT), "no value"),
        (lambda: decode_query("q=%", "q", "form", True, STRING), "hexadecimal"),
        (lambda: decode_header("a,1,b", "X", False, OBJECT), "no value"),
        (lambda: decode_cookie("a=%80", "a", "form", True, STRING), "UTF-8"),
        (lambda: decode_query("q" + "[a]" * 5000 + "=1", "q", "deepObject", True, OBJECT), str(MAX_DEPTH)),
    ],
)
def test_what_the_style_does_not_write_is_refused(read, says):
    with pytest.raises(StyleError, match=says):
        read()


def test_a_matrix_of_another_name_is_missing():
    assert decode_path(";other=1", "p", "matrix", False, STRING) is MISSING
    assert decode_path("", "p", "matrix", False, STRING) is MISSING


QUERY_STYLES = ("form", "spaceDelimited", "pipeDelimited", "deepObject")
raw_texts = st.text(st.sampled_from('qRa=&;,.%20+[]|7C "é') | st.characters(), max_size=20)
shapes = st.sampled_from(
    [ANY, STRING, INTEGER, STRINGS, OBJECT, shape("array", "object", "string", "null", extra=ANY)]
)


@given(raw_texts, shapes, explodes)
def test_nothing_but_a_style_error_comes_out_of_any_text(raw, shape_, explode):
    def attempt(read, *arguments):
        try:
            read(*arguments)
        except StyleError:
            return False
        return True

    readings = [
        *(attempt(decode_path, raw, "q", style, explode, shape_) for style in ("simple", "label", "matrix")),
        *(attempt(decode_query, raw, "q", style, explode, shape_) for style in QUERY_STYLES),
        *(attempt(decode_cookie, raw, "q", style, explode, shape_) for style in ("form", "cookie")),
        attempt(decode_header, raw, "q", explode, shape_),
    ]
    assert len(readings) == 10
