"""String formats: each text, judged by the function here and by both backends."""

from __future__ import annotations

import datetime as dt
import ipaddress
import json
import uuid

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dynaclient import SettingsError, register_format
from dynaclient.schema import formats
from dynaclient.schema.formats import FORMATS
from tests.schema.checks import BACKENDS, checker

RIGHT = {
    "date": "2024-02-29 2000-02-29 0001-01-01 9999-12-31 1999-12-31",
    "time": "00:00:00Z 23:59:59z 12:00:00.5Z 12:00:00+02:00 12:00:00-23:59 23:59:60Z "
    "01:59:60+02:00 12:00:00.123456789Z",
    "date-time": "2024-02-29T12:00:00Z 2024-02-29t12:00:00z 2024-02-29T12:00:00.123+05:30 "
    "1990-12-31T23:59:60Z",
    "duration": "P1D P1Y2M3D PT1H PT1M PT1S P1W P1DT12H PT0S P4Y",
    "uuid": "00000000-0000-0000-0000-000000000000 2EB8AA08-AA98-11EA-B4AA-73B441D16380",
    "email": 'a@b a.b+c@example.org joe@[127.0.0.1] joe@[IPv6:::1] "a"@b te~st@e.org',
    "hostname": "a example.org a-b.c xn--4gbwdl.xn--wgbh1c 1.2.3 " + "a" * 63,
    "ipv4": "0.0.0.0 255.255.255.255 1.2.3.4",
    "ipv6": "::1 :: 1:2:3:4:5:6:7:8 ::ffff:1.2.3.4 fe80::a",
    "uri": "http://a/b?c#d urn:a:b mailto:a@b http://[::1]:80/ a:b http://a/%20",
    "uri-reference": "http://a /b ../c?d #e a/b //h/x a%20b",
    "json-pointer": "/a /a~0b/~1 / /a/",
    "relative-json-pointer": "0 1/a 2# 0/",
    "regex": "a+ ^[a-z]$ (?<n>a)",
    "byte": "aGk= AAAA /+8=",
    "base64url": "aGk aGk= _-8",
}
WRONG = {
    "date": "2023-02-29 1900-02-29 2024-13-01 2024-00-01 2024-01-32 24-01-01 2024-1-1 20240101 "
    "2024-01-01T 2024-01-01Z ２024-01-01",
    "time": "12:00:00 24:00:00Z 12:60:00Z 12:00:61Z 12:00Z 12:00:00+2:00 12:00:00+0200 "
    "12:00:00+24:00 22:59:60Z 12:00:00,5Z 12:00:00.Z 12:0+:00Z 12:00:0.Z 1-:00:00Z",
    "date-time": "2024-02-29 2023-02-29T12:00:00Z 2024-02-29T12:00:00 2024-02-29_12:00:00Z "
    "2024-02-29T12:00Z 2024-02-29T24:00:00Z now 2024-0+-29T12:00:00Z 2+24-02-29T12:00:00Z",
    "duration": "P PT 1D P1D2H P1Y1W P-1D P1.5D P1H PT1D P1DT 1 p1d",
    "uuid": "00000000-0000-0000-0000-00000000000 00000000000000000000000000000000 "
    "{00000000-0000-0000-0000-000000000000} g0000000-0000-0000-0000-000000000000",
    "email": "a @b a@ a@b@c a.@b .a@b a..b@c a@-b joe@[1.2.3] é@b",
    "hostname": "-a a- a..b .a a. a_b é " + "a" * 64,
    "ipv4": "256.0.0.1 1.2.3 1.2.3.4.5 01.2.3.4 1.2.3.4/8 0x1.2.3.4 ::1 １.2.3.4",
    "ipv6": "1.2.3.4 :::1 12345:: ::1%eth0 1:2:3:4:5:6:7:8:9 g:: [::1]",
    "uri": "/a a.b :a http://[::1 http://a/\u00e9 http://a/%zz http://a:b/ http://a/<b>",
    "uri-reference": "\\a a%zz http://a/{b} #a#b",
    "json-pointer": "a #/a /~ /~2",
    "relative-json-pointer": "/a -1 01 1a #",
    "regex": "( [ a{2,1} *a",
    "byte": "a aGk aGk== _-8= a=b=",
    "base64url": "a aGk+ /w== é",
}
CASES = [
    *((name, text, True) for name, texts in RIGHT.items() for text in texts.split(" ")),
    *((name, text, False) for name, texts in WRONG.items() for text in texts.split(" ")),
    ("json-pointer", "", True),
    ("byte", "", True),
    ("base64url", "", True),
    ("uri-reference", "", True),
    ("regex", "", True),
    *(
        (name, "", False)
        for name in ("date", "time", "date-time", "uuid", "email", "ipv4", "ipv6", "uri", "duration")
    ),
    *((name, " " + texts.split(" ")[0], False) for name, texts in RIGHT.items() if name not in ("regex",)),
    *(
        (name, texts.split(" ")[0] + "\n", False)
        for name, texts in RIGHT.items()
        if name not in ("regex", "json-pointer")
    ),
]
TABLE = {name: [case[1:] for case in CASES if case[0] == name] for name in RIGHT}


@pytest.mark.parametrize("name", TABLE)
def test_functions(name: str) -> None:
    assert [text for text, right in TABLE[name] if FORMATS[name](text) != right] == []


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", TABLE)
def test_backends(name: str, backend: str) -> None:
    check = checker({"type": "string", "format": name}, backend)
    assert [text for text, right in TABLE[name] if check.is_valid(text) != right] == []


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", [*TABLE, "odd", "password", "binary", "int64"])
def test_a_format_says_nothing_of_what_is_no_text(name: str, backend: str) -> None:
    check = checker({"format": name}, backend)
    assert [value for value in (5, 1.5, None, True, [], {}) if not check.is_valid(value)] == []


@pytest.mark.parametrize("backend", BACKENDS)
def test_an_unknown_format_says_nothing(backend: str) -> None:
    for name in ("odd", "password", "binary", "date_time", ""):
        assert checker({"type": "string", "format": name}, backend).is_valid("\x00 anything")


@settings(max_examples=60, deadline=None)
@given(st.dates(), st.uuids(), st.ip_addresses(), st.emails())
def test_what_the_standard_library_writes_is_right(
    day: dt.date, key: uuid.UUID, address: object, mail: str
) -> None:
    assert formats.date(day.isoformat())
    assert FORMATS["uuid"](str(key))
    assert FORMATS["ipv4" if isinstance(address, ipaddress.IPv4Address) else "ipv6"](str(address))
    assert formats.email(mail) or len(mail.rpartition("@")[2]) > 253 or "--" in mail


ALPHABET = {
    "date": "0123456789-",
    "time": "0123456789:.Zz+-",
    "date-time": "0123456789-:T.Z+",
    "duration": "PT0123YMDHSW.",
    "uuid": "0aF-",
    "ipv4": "0125.",
    "ipv6": "0af:.",
    "uri": "ah:/?#[]@%20",
    "json-pointer": "/~01a",
}


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_both_backends_agree_on_any_text(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(ALPHABET)))
    sample = data.draw(st.sampled_from((RIGHT[name] + " " + WRONG[name]).split(" ")))
    at = data.draw(st.integers(0, len(sample)))
    text = (
        sample[:at]
        + data.draw(st.text(ALPHABET[name], max_size=3))
        + sample[at + data.draw(st.integers(0, 2)) :]
    )
    check = [CHECKERS[name, backend].is_valid(text) for backend in BACKENDS]
    assert check[0] == check[1] == FORMATS[name](text), json.dumps([name, text])


CHECKERS = {(name, backend): checker({"format": name}, backend) for name in ALPHABET for backend in BACKENDS}


@pytest.mark.parametrize("backend", BACKENDS)
def test_register_format(backend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formats, "FORMATS", FORMATS)
    before = dict(FORMATS)
    try:
        assert checker({"format": "sku"}, backend).is_valid("a")
        register_format("sku", str.isdigit)
        check = checker({"format": "sku"}, backend)
        assert (check.is_valid("12"), check.is_valid("a"), check.is_valid(5)) == (True, False, True)
        register_format("date", lambda text: text == "today")
        check = checker({"format": "date"}, backend)
        assert (check.is_valid("today"), check.is_valid("2024-02-29")) == (True, False)
    finally:
        FORMATS.clear()
        FORMATS.update(before)
        formats._built_in.add("date")


@pytest.mark.parametrize("backend", BACKENDS)
def test_what_a_check_of_the_user_raises_is_an_error_of_ours(backend: str) -> None:
    def fail(text: str) -> bool:
        raise KeyError(text)

    register_format("failing", fail)
    try:
        with pytest.raises(SettingsError, match="the check of format 'failing' raised KeyError") as caught:
            checker({"format": "failing"}, backend).is_valid("s3cr3t")
        assert "s3cr3t" not in str(caught.value)
        assert isinstance(caught.value.__cause__, KeyError)
    finally:
        del FORMATS["failing"]


HINTS: list[tuple[str, str, str]] = [
    ("date-time", "2024-01-01T12:00:00", ": no time zone (such as Z or +01:00)"),
    ("date-time", "2024-01-01t12:00:00.123456", ": no time zone (such as Z or +01:00)"),
    ("date-time", "2024-02-29 12:00:00Z", ": no T between date and time"),
    ("date-time", "2024-02-29 12:00:00+00:00", ": no T between date and time"),
    (
        "date-time",
        "2024-02-29 12:00:00",
        ": no T between date and time, no time zone (such as Z or +01:00)",
    ),
    ("time", "12:00:00", ": no time zone (such as Z or +01:00)"),
    ("time", "12:00:00.5", ": no time zone (such as Z or +01:00)"),
    ("date-time", "2024-02-30T12:00:00", ""),
    ("date-time", "2024-01-01", ""),
    ("date-time", "2024-01-01T25:00:00", ""),
    ("date-time", "", ""),
    ("date-time", "x" * 100_000, ""),
    ("time", "noon", ""),
    ("date", "2024-13-01", ""),
]
"""RFC 3339 (5.6): a date-time and a full-time have an offset; what databases and ISO 8601 write has none."""


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("direction", ["request", "response"])
@pytest.mark.parametrize(("name", "text", "due"), HINTS)
def test_what_a_time_lacks_is_said(name: str, text: str, due: str, direction: str, backend: str) -> None:
    checks = checker({"type": "string", "format": name}, backend, direction)
    (violation,) = checks.violations(text, "body", "body")
    assert violation.message.endswith(f" is not a {name}{due}")
    zone = text if due == "" or text.endswith(("Z", "+00:00")) else f"{text}Z"
    mended = zone.replace(" ", "T")
    assert checks.is_valid(mended) == (due != "")
