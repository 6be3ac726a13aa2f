"""What is imported to know names: completion asks at each TAB."""

from __future__ import annotations

from tests.test_import import HEAVY, imported_by

LIGHT = "from dynaclient.profiles.names import profile_names; profile_names('.')"


def test_names_are_known_without_anything_heavy() -> None:
    found = imported_by(LIGHT)
    assert found & {*HEAVY, "tomlkit", "keyring", "shlex"} == set()
    assert {
        "dynaclient.client",
        "dynaclient.document.opening",
        "dynaclient.profiles.references",
    } & found == set()


def test_a_vendored_name_needs_no_profile() -> None:
    found = imported_by("from dynaclient import Client; Client('talon-one-integration', server='http://h')")
    assert not any(each.startswith("dynaclient.profiles") for each in found)
