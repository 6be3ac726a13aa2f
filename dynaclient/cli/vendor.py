"""`dynaclient vendor`: a document is kept in a project, version by version, with where it comes from."""

from __future__ import annotations

import io
import json
import os
import re
from argparse import Namespace
from collections.abc import Mapping
from datetime import datetime, timezone
from hashlib import sha256
from pathlib import Path
from typing import Any

import dynaclient
from dynaclient._support import terminal
from dynaclient._support.messages import kind_of, pluralize
from dynaclient.cli.apis import say_changes
from dynaclient.cli.config import HERE
from dynaclient.client import Client
from dynaclient.document.bundling import bundled, leads_out
from dynaclient.document.files import content
from dynaclient.document.opening import PROVENANCE, find, is_bare_name, vendored_file, vendored_folder
from dynaclient.document.servers import for_people
from dynaclient.errors import SettingsError
from dynaclient.profiles.folders import write_whole
from dynaclient.profiles.profile import is_url
from dynaclient.profiles.settings_file import PROJECT, nearest_settings
from dynaclient.transport.fetch import fetch
from dynaclient.transport.session import Transport

SPEC = "spec"
"""The folder, of the working directory, for documents."""

SUFFIXES = (".yaml", ".json", ".yaml.gz")


def vendor(options: Namespace) -> int:
    """Write a document to ./spec/NAME/VERSION.yaml, after a look at what changes.

    One file stays byte for byte what came; several become one.
    """
    name, version = _split_name(options.name)
    folder = Path(SPEC) / name
    _check_folder(folder, name)
    known = _provenance(folder / PROVENANCE)
    data = _bytes_of(options.document)
    client = _opened(options.document, data)
    parts = _in_one_file(options.document, client)
    if parts is not None:
        data = parts
        client = _opened(options.document, data)
        terminal.say("what its references lead to in other files is put into the one that is kept")
    _say_findings(client)
    _say_changes(folder, version, client)
    path = _write(folder, version, data)
    _note(folder / PROVENANCE, known, version, options.document, data, parts is not None)
    terminal.say(f"{path}: {pluralize(len(client.operations), 'operation')}")
    _tell_or_register(name, path, options.register)
    return 0


def _split_name(text: str) -> tuple[str, str]:
    name, _, version = text.partition("@")
    if not (is_bare_name(text) and re.match("[A-Za-z0-9_]", version)) or version == Path(PROVENANCE).stem:
        raise SettingsError(f"--name {text!r}: expected NAME@VERSION, such as shop@2024-06")
    return name, version


def _check_folder(folder: Path, name: str) -> None:
    """Raises SettingsError where the folder is none of this project, or its name already means a document."""
    real = folder.resolve()
    if not real.is_relative_to(Path.cwd().resolve()):
        raise SettingsError(f"{folder} leads to {real}, out of this folder")
    package = Path(dynaclient.__file__).resolve().parent
    if {"site-packages", "dist-packages"} & {*real.parts} or real.is_relative_to(package):
        raise SettingsError(f"{real} is part of an installed package; go to the folder of your project")
    if vendored_file(name) and real != (vendored_folder() / name).resolve():
        raise SettingsError(f"{name!r} is the name of a document that comes with dynaclient; choose another")


def _bytes_of(source: str) -> bytes:
    if not is_url(source):
        return content(find(source))
    transport = Transport()
    try:
        return fetch(transport, source, "", source)
    finally:
        transport.close()


def _opened(source: str, data: bytes) -> Client:
    """A client of the very bytes that are kept, which messages call as the user did."""
    file = io.BytesIO(data)
    vars(file)["name"] = for_people(source) if is_url(source) else source
    return Client(file)


def _in_one_file(source: str, alone: Client) -> bytes | None:
    """A document in several files as one; None where it is one already."""
    if not leads_out(alone.document.tree):
        return None
    whole = Client(source)
    made = bundled(whole.document)
    return None if made == whole.document.tree else json.dumps(made, indent=2, ensure_ascii=False).encode()


def _say_findings(client: Client) -> None:
    counts = [
        pluralize(count, name)
        for name in ("error", "warning")
        if (count := sum(each.severity == name for each in client.findings))
    ]
    if counts:
        terminal.say(f"{' and '.join(counts)} in the document; `dynaclient lint` lists them")


def _say_changes(folder: Path, version: str, client: Client) -> None:
    """What differs from the version before, or from the newest where all that are there come after it."""
    there = {_version(path): path for path in folder.glob("*") if path.name.endswith(SUFFIXES)}
    others = sorted(there.keys() - {version, _version(folder / PROVENANCE)}, key=_in_order)
    before = [each for each in others if _in_order(each) < _in_order(version)] or others
    if before:
        terminal.say(f"changes since {before[-1]}:")
        say_changes(Client(there[before[-1]]), client)


def _in_order(version: str) -> list[tuple[int, str]]:
    """What versions are sorted by: 1.9 comes before 1.10."""
    parts = re.findall(r"\d+|\D+", version)
    return [(int(each) if each.isdecimal() else -1, each) for each in parts]


def _version(path: Path) -> str:
    """`2024-06` for `2024-06.yaml`."""
    return next(path.name.removesuffix(each) for each in reversed(SUFFIXES) if path.name.endswith(each))


def _write(folder: Path, version: str, data: bytes) -> Path:
    """The file of a version; one that is there stays what it is. Raises SettingsError."""
    path = folder / f"{version}{_suffix(data)}"
    for each in SUFFIXES:
        known = folder / f"{version}{each}"
        if known.exists() and (known != path or known.read_bytes() != data):
            raise SettingsError(
                f"{known} is there, and another document; a version stays what it is: name a new one"
            )
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(path, data)
    return path


def _suffix(data: bytes) -> str:
    if data[:2] == b"\x1f\x8b":
        return ".yaml.gz"
    return ".json" if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{" else ".yaml"


def _provenance(path: Path) -> dict[str, Any]:
    """What is known of the versions that are there. Raises SettingsError."""
    import yaml  # late: 12 ms

    try:
        known = yaml.safe_load(path.read_bytes()) if path.is_file() else {}
    except (yaml.YAMLError, ValueError, RecursionError):
        raise SettingsError(f"{path} is no YAML; mend or remove it") from None
    if not isinstance(known, dict):
        raise SettingsError(f"{path}: expected a map of versions, got {kind_of(known)}")
    return known


def _note(
    path: Path, known: Mapping[str, Any], version: str, source: str, data: bytes, is_bundled: bool
) -> None:
    """Write where a version comes from into provenance.yaml; what is `known` of others stays."""
    import yaml  # late: 12 ms

    digest = sha256(data).hexdigest()
    if isinstance(known.get(version), Mapping) and known[version].get("sha256") == digest:
        return
    said: dict[str, Any] = {
        "source": for_people(source) if is_url(source) else source,
        "date": datetime.now(timezone.utc).date().isoformat(),
        "sha256": digest,
    }
    said |= {"bundled": True} if is_bundled else {}
    text = yaml.safe_dump({**known, version: said}, sort_keys=False, allow_unicode=True)
    write_whole(path, text.encode())


def _tell_or_register(name: str, path: Path, register: bool) -> None:
    found = nearest_settings(Path(os.path.abspath(HERE)))
    settings, tables = (Path(PROJECT), []) if found is None else (found[0], _above(found[0]))
    said = os.path.relpath(path, settings.parent)
    shown = os.path.relpath(settings)
    if not register:
        terminal.say(f"to call it by name, write into {shown} (--register does it):")
        terminal.say(f'  [{".".join([*tables, "api", name])}]\n  document = "{Path(said).as_posix()}"')
        return
    from dynaclient.profiles.store import put_table  # late: 40 ms

    put_table(settings, [*tables, "api"], name, {"document": Path(said).as_posix()}, private=False)
    terminal.say(f"{shown}: {name} is this document now")


def _above(settings: Path) -> list[str]:
    """The tables of a file that hold what is ours."""
    return [] if settings.name == PROJECT else ["tool", "dynaclient"]
