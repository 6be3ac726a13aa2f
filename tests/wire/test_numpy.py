"""Values of numpy and pandas on the wire: the types of `test_python_values` with the real classes."""

from __future__ import annotations

import json
import sys
from decimal import Decimal
from typing import Any

import pytest

from dynaclient import Client, RequestInvalid
from tests.conftest import Serve
from tests.small import json_reply, one, param

REASON = "a dev dependency that has no wheels for some Pythons; test_python_values has classes like theirs"
numpy: Any = pytest.importorskip("numpy", reason=REASON)
pandas: Any = pytest.importorskip("pandas", reason=REASON)

INTEGER = {"type": "integer"}
NUMBER = {"type": "number"}
TIME = {"type": "string", "format": "date-time"}
SENT: list[tuple[Any, Any, Any]] = [
    (INTEGER, numpy.int64(3), 3),
    (INTEGER, numpy.uint64(2**64 - 1), 2**64 - 1),
    (INTEGER, numpy.float64(4.0), 4),
    (INTEGER, numpy.float32(16.0), 16),
    (INTEGER, numpy.array(9), 9),
    (NUMBER, numpy.float64(0.25), 0.25),
    (NUMBER, numpy.float16(0.5), 0.5),
    ({"type": "boolean"}, numpy.bool_(True), True),
    ({"type": "string"}, numpy.str_("é"), "é"),
    ({"type": "array"}, numpy.array([[1, 2], [3, 4]]), [[1, 2], [3, 4]]),
    ({"type": "array"}, numpy.array([]), []),
    ({"type": "array", "items": INTEGER}, pandas.Series([1.0, 2.0]), [1, 2]),
    ({"type": "array", "items": INTEGER}, pandas.Index([1, 2]), [1, 2]),
    ({"type": "array"}, pandas.Categorical(["a", "b"]), ["a", "b"]),
    (TIME, pandas.Timestamp("2024-02-29T12:00:00Z"), "2024-02-29T12:00:00Z"),
    (
        {"type": "array", "items": TIME},
        pandas.Series([pandas.Timestamp("2024-02-29T12:00:00Z")]),
        ["2024-02-29T12:00:00Z"],
    ),
    ({"type": "string", "format": "date"}, numpy.datetime64("2024-02-29"), "2024-02-29"),
    ({"type": "object"}, {numpy.str_("k"): numpy.int8(1)}, {"k": 1}),
    ({"contentEncoding": "base64"}, numpy.bytes_(b"hi"), "aGk="),
]


def prepared(tree: Any, mapping: Any = None, **rest: Any) -> Any:
    return Client(tree, server="http://h", cache=False).prepare("op", mapping, **rest)


@pytest.mark.parametrize(
    ("schema", "value", "due"), SENT, ids=[f"{type(v).__name__}-{d}" for _, v, d in SENT]
)
def test_it_travels_as_what_it_is_in_python(schema: Any, value: Any, due: Any) -> None:
    for whole, given, wanted in (
        (schema, value, due),
        ({"additionalProperties": schema}, {"k": value}, {"k": due}),
    ):
        sent = json.loads(prepared(one("post", body=whole, version="3.1.0"), body=given).body)
        assert repr(sent) == repr(wanted)


def test_it_travels_in_parameters_and_forms() -> None:
    listed = {"type": "array", "items": INTEGER}
    fields = {"type": "object", "properties": {"n": INTEGER, "l": listed}}
    content = {"application/x-www-form-urlencoded": {"schema": fields}}
    tree = one("post", "/x/{p}", param("p", "path", INTEGER), param("q", "query", listed), content=content)
    given = {"p": numpy.int64(1), "q": numpy.array([1.0, 2.0])}
    request = prepared(tree, given, body={"n": numpy.float64(3.0), "l": pandas.Series([4, 5])})
    assert (request.url, request.body) == ("http://h/x/1?q=1&q=2", b"n=3&l=4&l=5")


REFUSED: list[tuple[Any, str]] = [
    (numpy.float32("nan"), "None"),
    (pandas.NaT, "None"),
    (pandas.NA, "None"),
    (numpy.datetime64("NaT"), "None"),
    (pandas.Series([1.0, None]), "None"),
    (numpy.ma.masked, "None"),
    (numpy.float64("inf"), "finite"),
    (numpy.datetime64("2024-02-29T00:00:00", "ns"), "time zone"),
    (pandas.Series(pandas.to_datetime(["2024-02-29"])), "time zone"),
    (numpy.array(["2024-02-29"], "datetime64[ns]"), "time zone"),
    (numpy.timedelta64(5, "ns"), "give"),
    (numpy.complex128(1), "give"),
    (pandas.DataFrame({"a": [1]}), 'to_dict("records")'),
]


@pytest.mark.parametrize(("value", "words"), REFUSED, ids=[f"{type(v).__name__}-{w}" for v, w in REFUSED])
def test_what_has_no_form_says_what_to_give(value: Any, words: str) -> None:
    tree = one("post", "/x", param("q", "query", {}), body={})
    for given in ({"body": {"a": value}}, {"body": {}, "mapping": {"q": value}}):
        with pytest.raises(RequestInvalid) as caught:
            prepared(tree, **given)
        assert words in str(caught.value)


def test_nothing_of_it_is_imported_here() -> None:
    import dynaclient

    source = [module for name, module in sys.modules.items() if name.startswith("dynaclient")]
    assert dynaclient in source
    assert not any(hasattr(module, name) for module in source for name in ("numpy", "pandas"))
    assert prepared(one("post", body=NUMBER), body=Decimal("0.5")).body == b"0.5"


ROWS = pandas.DataFrame(
    {
        "sku": ["a", "b"],
        "quantity": [1, 2],
        "price": [1.5, None],
        "at": pandas.to_datetime(["2024-02-29T12:00:00Z", "2024-03-01T00:00:00Z"]),
    }
)
ITEM = {
    "type": "object",
    "required": ["sku", "quantity"],
    "properties": {
        "sku": {"type": "string"},
        "quantity": {"type": "integer"},
        "price": {"type": "number"},
        "at": {"type": "string", "format": "date-time"},
    },
}
OF_ROW = {"sku": "a", "quantity": 1, "price": 1.5, "at": "2024-02-29T12:00:00Z"}
FORMS: dict[str, Any] = {
    "iterrows": lambda table: next(table.iterrows())[1],
    "itertuples": lambda table: next(table.itertuples(index=False)),
    "iloc": lambda table: table.iloc[0],
    "to_dict": lambda table: table.to_dict("records")[0],
    "a row inside": lambda table: {"item": table.iloc[0]},
}


@pytest.mark.parametrize("form", FORMS)
def test_a_row_of_a_table_is_an_object(form: str) -> None:
    schema = {"type": "object", "properties": {"item": ITEM}} if form == "a row inside" else ITEM
    request = prepared(one("post", body=schema), body=FORMS[form](ROWS))
    expected = {"item": OF_ROW} if form == "a row inside" else OF_ROW
    assert json.loads(request.body or b"") == expected


def test_records_of_a_table_are_a_list_of_objects() -> None:
    request = prepared(one("post", body={"type": "array", "items": ITEM}), body=ROWS[:1].to_dict("records"))
    assert json.loads(request.body or b"") == [OF_ROW]


@pytest.mark.parametrize("row", [ROWS.iloc[1], ROWS.to_dict("records")[1]], ids=["Series", "dict"])
def test_a_gap_in_a_row_says_what_to_do(row: Any) -> None:
    with pytest.raises(RequestInvalid) as caught:
        prepared(one("post", body=ITEM), body=row)
    assert "body at /price: NaN is not JSON; for no value give None, or leave it out" in str(caught.value)


def test_a_whole_table_is_refused_with_what_to_give() -> None:
    with pytest.raises(RequestInvalid, match=r'give one of its rows, or to_dict\("records"\) of it'):
        prepared(one("post", body={"type": "array", "items": ITEM}), body=ROWS)


def test_data_of_a_response_becomes_a_table(serve: Serve) -> None:
    """What `DataFrame` and `from_records` take is what a response has: plain lists and dicts."""
    records = [{"sku": "a", "quantity": 1, "tags": ["x"]}, {"sku": "b", "quantity": 2, "tags": None}]
    server = serve(json_reply(records))
    data = Client(one("get", answer={"type": "array", "items": {"type": "object"}}), server=server.url).op()
    assert (type(data), type(data[0])) == (list, dict)
    for table in (pandas.DataFrame(data), pandas.DataFrame.from_records(data), pandas.json_normalize(data)):
        assert list(table.columns) == ["sku", "quantity", "tags"]
        assert table["quantity"].sum() == 3
