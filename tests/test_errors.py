"""The tree of errors, and how its members print."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from dynaclient import errors
from dynaclient.errors import DocumentError, Finding, UnknownOperation, Violation, api_error_class

TREE = {
    "DynaclientError": Exception,
    "DocumentError": errors.DynaclientError,
    "UnknownOperation": errors.DynaclientError,
    "RequestInvalid": errors.DynaclientError,
    "ResponseInvalid": errors.DynaclientError,
    "ApiError": errors.DynaclientError,
    "ClientError": errors.ApiError,
    "ServerError": errors.ApiError,
    "Unauthorized": errors.ClientError,
    "Forbidden": errors.ClientError,
    "NotFound": errors.ClientError,
    "Conflict": errors.ClientError,
    "PagesError": errors.DynaclientError,
    "BulkError": errors.DynaclientError,
    "SettingsError": errors.DynaclientError,
    "TransportError": errors.DynaclientError,
    "ConnectError": errors.TransportError,
    "DeadlineExceeded": errors.TransportError,
    "BodyTooLarge": errors.TransportError,
    "DecodeError": errors.TransportError,
    "NotRecorded": errors.TransportError,
}


@pytest.mark.parametrize("name", TREE)
def test_tree(name: str) -> None:
    error = getattr(errors, name)
    assert issubclass(error, TREE[name])
    assert (error.__doc__ or "").strip()
    assert name in (errors.__doc__ or "")
    twin = pickle.loads(pickle.dumps(error("what was wrong")))
    assert (type(twin), str(twin)) == (error, "what was wrong")


def test_an_unknown_operation_is_a_missing_key_and_a_missing_attribute() -> None:
    error = UnknownOperation("no 'a'", ["b", "c"])
    assert isinstance(error, KeyError)
    assert isinstance(error, AttributeError)
    assert str(error) == "no 'a'; did you mean b, c?"
    assert pickle.loads(pickle.dumps(error)).near == ("b", "c")


PRINTED: list[tuple[Any, str]] = [
    (Violation("body", "body", "/a/0", "wrong"), "body at /a/0: wrong"),
    (Violation("body", "body", "", "wrong", "/s"), "body: wrong  [/s]"),
    (Violation("query", "size", "", "wrong"), "query size: wrong"),
    (Violation("query", "list", "/1", "wrong", "/s"), "query list at /1: wrong  [/s]"),
    (Violation("status", "207", "", "wrong"), "wrong"),
    (Violation("content-type", "", "", "wrong"), "wrong"),
    (Finding("/a", "warning", "odd"), "warning: /a: odd"),
    (Finding("", "error", "odd", "so what"), "error: /: odd (so what)"),
]


@pytest.mark.parametrize(("thing", "text"), PRINTED, ids=[text for _, text in PRINTED])
def test_printed_in_one_line(thing: Any, text: str) -> None:
    assert str(thing) == text


def test_every_violation_is_printed() -> None:
    found = [Violation("query", name, "", "wrong") for name in "ab"]
    assert (
        str(errors.RequestInvalid("op: not sent", found))
        == "op: not sent\n  query a: wrong\n  query b: wrong"
    )
    found_in_document = [Finding("/a", "error", "odd")]
    assert str(errors.DocumentError("bad", found_in_document)) == "bad\n  error: /a: odd"


@pytest.mark.parametrize(
    ("number", "lines"), [(0, 1), (1, 2), (20, 21), (21, 22), (600, 22), (10_001, 22)], ids=str
)
def test_of_very_many_violations_the_first_are_printed_and_the_rest_is_counted(
    number: int, lines: int
) -> None:
    found = [Violation("body", "body", f"/{index}", "wrong") for index in range(number)]
    for error in (errors.RequestInvalid("op: not sent", found), errors.ResponseInvalid("op: wrong", found)):
        assert error.violations == tuple(found)
        first, *told = str(error).splitlines()
        assert (first, len(told)) == (error.args[0], lines - 1)
        assert told[:20] == [f"  {each}" for each in found[:20]]
        if number > 20:
            said = f"... and {number - 20:,} more of {number:,} violations (all are in `.violations`)"
            assert told[20] == f"  {said}"


def test_of_very_many_findings_the_first_are_printed() -> None:
    found = [Finding(f"/{index}", "error", "odd") for index in range(425)]
    told = str(errors.DocumentError("bad", found)).splitlines()
    assert (len(told), told[-1]) == (22, "  ... and 405 more of 425 findings (all are in `.findings`)")


def test_an_api_error_without_an_answer() -> None:
    error = errors.ApiError("made by hand")
    assert (error.status, error.data, error.response) == (0, None, None)


STATUSES = {401: "Unauthorized", 403: "Forbidden", 404: "NotFound", 409: "Conflict"}
STATUSES |= dict.fromkeys((400, 402, 418, 499), "ClientError") | dict.fromkeys((500, 503, 599), "ServerError")


@pytest.mark.parametrize(("status", "name"), STATUSES.items())
def test_class_by_status(status: int, name: str) -> None:
    assert api_error_class(status).__name__ == name


def test_a_finding_that_the_message_says_already_is_not_repeated() -> None:
    said = Finding("/paths", "error", "it does not resolve")
    other = Finding("/info", "warning", "there is none")
    assert str(DocumentError("op: it does not resolve", [said])) == "op: it does not resolve\n  at /paths"
    assert str(DocumentError("it does not resolve", [Finding("", "error", "it does not resolve")])) == (
        "it does not resolve"
    )
    assert str(DocumentError("op", [said, other])) == (
        "op\n  error: /paths: it does not resolve\n  warning: /info: there is none"
    )
