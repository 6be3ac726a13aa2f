"""Discriminators (4.8.25): the property of a value that tells which of several schemas is meant."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def discriminated(discriminator: dict[str, Any], members: Iterable[Any]) -> list[list[str]]:
    """The values of the discriminating property that mean each of `members`: mapped ones, and its name."""
    mapping, names = discriminator["mapping"], discriminator.get("names", {})
    mapped: dict[str, list[str]] = {}
    for value, target in mapping.items():
        mapped.setdefault(target, []).append(value)
    found = []
    for member in members:
        ref = member.get("$ref", "") if isinstance(member, dict) else ""
        name = names.get(ref) or ref.rpartition("/")[2]
        found.append([*mapped.get(ref, ()), *([name] if name and name not in mapping else [])])
    return found


def tell_apart(schema: dict[str, Any]) -> None:
    """Let a discriminator decide where a value meets several members of `oneOf`.

    Members that differ by their discriminator alone are published often; read to the letter, `oneOf` refuses
    every value of theirs. What it accepts it still accepts.
    """
    discriminator, members = schema["discriminator"], schema.pop("oneOf")
    name = discriminator["propertyName"]
    either: list[Any] = [{"oneOf": members, "discriminator": schema.pop("discriminator")}]
    for member, values in zip(members, discriminated(discriminator, members), strict=True):
        said = {"required": [name], "properties": {name: {"enum": values}}}
        either.append({"allOf": [member, said]})
    if "anyOf" in schema:
        schema["allOf"] = [*schema.get("allOf", ()), {"anyOf": either}]
    else:
        schema["anyOf"] = either
