"""What a profile may say: all in the user's configuration; in a project's file nothing that reaches out."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynaclient import Env, SettingsError
from dynaclient.profiles import profile as known_settings
from dynaclient.profiles.profile import Profile, projects_profile, users_profile
from dynaclient.profiles.trusted import trust_digest

USERS: dict[str, Any] = {
    "document": "shop.yaml",
    "server": "https://shop.example/v1",
    "validate": {"response": "warn"},
    "headers": {"X-Team": "a", "X-Api-Key": "env:SHOP_KEY"},
    "overlays": ["fix.yaml"],
    "credentials": {"key": "env:SHOP_KEY", "basic": ["plain:me", "env:PASSWORD"]},
    "test": {"max_time": 7},
}


def test_what_the_user_says(tmp_path: Path) -> None:
    found = users_profile("shop", USERS, tmp_path / "config.toml")
    assert (found.name, found.document) == ("shop", tmp_path / "shop.yaml")
    assert found.server == "https://shop.example/v1"
    assert found.validate == {"response": "warn"}
    assert found.headers == {"X-Team": "a", "X-Api-Key": Env("SHOP_KEY")}
    assert found.overlays == (tmp_path / "fix.yaml",)
    assert found.credentials == {"key": Env("SHOP_KEY"), "basic": ("me", Env("PASSWORD"))}
    assert found.test == {"max_time": 7}
    assert (found.is_users, found.trusted) == (True, True)


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ("https://shop.example/openapi.json", "https://shop.example/openapi.json"),
        ("file:///srv/shop.yaml", "file:///srv/shop.yaml"),
        ("talon-one-integration@2024-06", "talon-one-integration@2024-06"),
        ("/srv/shop.yaml", Path("/srv/shop.yaml")),
        ("~/shop.yaml", Path.home() / "shop.yaml"),
        ("{}", Path("/etc/{}")),  # a path, not the text of a document
    ],
)
def test_what_a_document_is(document: str, expected: Any) -> None:
    assert users_profile("x", {"document": document}, Path("/etc/config.toml")).document == expected


WRONG: list[tuple[dict[str, Any], str]] = [
    (
        {"document": ""},
        "api.shop.document: expected a path, a URL or a vendored name, got a text that is none",
    ),
    ({"document": 3}, "api.shop.document: expected a path"),
    ({"document": None}, "api.shop has no `document`"),
    ({"servr": "x"}, "api.shop has no setting 'servr'; did you mean server"),
    ({"server": "shop.example"}, r"api.shop.server: expected an http\(s\) URL"),
    ({"server": "ftp://shop.example"}, "api.shop.server"),
    ({"server": "http://a\\@b"}, "api.shop.server"),
    ({"server": "http://[::"}, "api.shop.server"),
    ({"validate": "loose"}, "api.shop.validate: expected one of strict, warn, off"),
    ({"validate": 3}, "api.shop.validate: expected a mode"),
    ({"validate": {"answer": "warn"}}, "api.shop.validate: expected one of"),
    (
        {"headers": {"X-A": 3}},
        "expected a table of header names and texts, got one with something else in it",
    ),
    ({"headers": {"X A": "3"}}, "api.shop.headers"),
    ({"headers": {"X-A": "3\r\nX-B: 4"}}, "api.shop.headers"),
    ({"headers": "X-A: 3"}, "api.shop.headers"),
    ({"overlays": "fix.yaml"}, "api.shop.overlays: expected a list of paths"),
    ({"test": 3}, "api.shop.test: expected a table"),
]
OF_USERS: list[tuple[dict[str, Any], str]] = [
    ({"credentials": {"key": "s3cr3t"}}, "api.shop.credentials.key: expected env:VARIABLE, keyring:"),
    ({"credentials": {"key": "evn:s3cr3t"}}, "api.shop.credentials.key: expected env:VARIABLE"),
    ({"credentials": {"key": "env:s3cr3t!"}}, "api.shop.credentials.key: Env: expected the name of an"),
    ({"credentials": {"key": "command:'s3cr3t"}}, "api.shop.credentials.key: expected command:"),
    ({"credentials": {"key": ["env:A", "s3cr3t"]}}, "api.shop.credentials.key: expected env:VARIABLE"),
    ({"credentials": {"key": ["env:s3cr3t"]}}, "api.shop.credentials: expected a table"),
    ({"credentials": {"key": 3}}, "api.shop.credentials: expected a table"),
    ({"headers": {"X-Key": "env:s3cr3t!"}}, "api.shop.headers.X-Key: Env: expected the name"),
    ({"copies": {"https://a": "s3cr3t"}}, "api.shop.copies: expected a table: URL -> 64 hexadecimal digits"),
    ({"copies": {"https://a": "../s3cr3t"}}, "api.shop.copies: expected a table"),
]
OF_PROJECTS: list[tuple[dict[str, Any], str]] = [
    ({"credentials": {}}, "a project's file holds no credentials; each user has their own"),
    ({"credentials": {"key": "env:s3cr3t"}}, "holds no credentials"),
    ({"credentials": {"key": "command:touch s3cr3t"}}, "holds no credentials"),
    ({"copies": {"https://a": "0" * 64}}, "has no setting 'copies'"),
    ({"server": "https://me:s3cr3t@shop.example"}, "holds no user and password"),
    ({"headers": {"Authorization": "s3cr3t"}}, "sets no header that may be a credential"),
    ({"headers": {"cookie": "s3cr3t"}}, "sets no header that may be a credential"),
    ({"headers": {"X-Api-Key": "s3cr3t"}}, "sets no header that may be a credential"),
    ({"headers": {"X-A": "env:s3cr3t"}}, "sets no header that may be a credential"),
    ({"headers": {"X-A": "command:touch s3cr3t"}}, "sets no header that may be a credential"),
    ({"headers": {"Host": "s3cr3t"}}, "sets no header that may be a credential"),
    ({"document": "http://10.0.0.1/s3cr3t"}, "nothing is fetched for a project's file before you trust it"),
    ({"document": "../shop.yaml"}, "is outside the folder of the project"),
    ({"document": "/etc/passwd"}, "is outside the folder of the project"),
    ({"document": "a/../../shop.yaml"}, "is outside the folder of the project"),
    ({"document": "link.yaml"}, "is outside the folder of the project"),
    ({"document": "link/shop.yaml"}, "is outside the folder of the project"),
    ({"document": "a\x00"}, "no file can have this name"),
    ({"overlays": ["fix.yaml", "../fix.yaml"]}, "is outside the folder of the project"),
    ({"overlays": ["http://10.0.0.1/x", "link.yaml"]}, "is outside the folder of the project"),
]


def table(more: dict[str, Any]) -> dict[str, Any]:
    return {key: each for key, each in {"document": "shop.yaml", **more}.items() if each is not None}


@pytest.mark.parametrize(("more", "message"), [*WRONG, *OF_USERS])
def test_what_the_user_cannot_say(more: dict[str, Any], message: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=message) as caught:
        users_profile("shop", table(more), tmp_path / "config.toml")
    assert "config.toml" in str(caught.value)
    assert "s3cr3t" not in str(caught.value)


@pytest.mark.parametrize(("more", "message"), [*WRONG, *OF_PROJECTS])
def test_what_a_project_cannot_say(more: dict[str, Any], message: str, tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (tmp_path / "shop.yaml").write_text("{}")
    os.symlink(tmp_path / "shop.yaml", project / "link.yaml")
    os.symlink(tmp_path, project / "link")
    with pytest.raises(SettingsError, match=message) as caught:
        projects_profile("shop", table(more), project / "dynaclient.toml", False)
    assert "dynaclient.toml" in str(caught.value)
    assert "10.0.0.1/s3cr3t" in str(caught.value) or "s3cr3t" not in str(caught.value)


def test_what_a_project_can_say(tmp_path: Path) -> None:
    (tmp_path / "spec").mkdir()
    os.symlink(tmp_path / "spec", tmp_path / "here")
    said = {
        **USERS,
        "document": "here/../spec/shop.yaml",
        "headers": {"X-Team": "a"},
        "overlays": ["here/fix.yaml"],
    }
    del said["credentials"]
    found = projects_profile("shop", said, tmp_path / "dynaclient.toml", False)
    assert found.document == (tmp_path / "spec" / "shop.yaml").resolve()
    assert found.overlays == ((tmp_path / "spec" / "fix.yaml").resolve(),)
    assert found.credentials == {}
    assert (found.is_users, found.trusted) == (False, False)


def test_a_project_that_is_trusted_may_have_its_document_fetched(tmp_path: Path) -> None:
    said = {"document": "https://shop.example/openapi.json"}
    found = projects_profile("shop", said, tmp_path / "dynaclient.toml", True)
    assert found.document == said["document"]


def test_a_repr_holds_no_secret(tmp_path: Path) -> None:
    said = table({"credentials": {"key": "plain:s3cr3t"}, "headers": {"X-Api-Key": "s3cr3t"}})
    assert "s3cr3t" not in repr(users_profile("shop", said, tmp_path / "config.toml"))


# -- whatever stands there ------------------------------------------------------------------------------

ODD = [
    "env:X",
    "command:x",
    "..",
    "/",
    "~",
    "https://a",
    "http://[",
    "http://a:b",
    "strict",
    "x.yaml",
    "\x00",
]
TEXT = st.text(max_size=8) | st.sampled_from(ODD)
VALUE = st.recursive(
    TEXT | st.integers() | st.booleans() | st.floats() | st.datetimes() | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
SAID = st.dictionaries(st.sampled_from([*known_settings.USERS]) | TEXT, VALUE, max_size=4)


def outcome(read: Callable[..., Profile], table: dict[str, Any]) -> Profile | str:
    """The profile, or why there is none."""
    try:
        return read("shop", table, Path("/srv/project/dynaclient.toml"))
    except SettingsError as error:
        return str(error)


@given(SAID, st.booleans())
def test_a_table_is_a_profile_or_a_reason(said: dict[str, Any], trusted: bool) -> None:
    """Nothing else is raised, whoever wrote it."""
    for table in (said, {"document": "x.yaml", **said}):
        found = outcome(users_profile, table)
        assert isinstance(found, Profile) or "dynaclient.toml" in found
        found = outcome(partial(projects_profile, trusted=trusted), table)
        if isinstance(found, Profile):
            assert not found.credentials
            assert str(found.document).startswith(("/srv/project/", "https://a", "http://"))
            assert len(trust_digest({"shop": table})) == 64
        else:
            assert "dynaclient.toml" in found
