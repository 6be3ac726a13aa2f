"""Discriminators (4.8.25): the property of a value that tells which of several schemas is meant."""

from __future__ import annotations

from typing import Any


def discriminated(discriminator: dict[str, Any], member: Any) -> list[str]:
    """The values of the discriminating property that mean `member` (4.8.25): mapped ones, and its name."""
    ref = member.get("$ref", "") if isinstance(member, dict) else ""
    mapped = [value for value, target in discriminator["mapping"].items() if target == ref]
    name = ref.rpartition("/")[2]
    return [*mapped, name] if name and name not in discriminator["mapping"] else mapped


def tell_apart(schema: dict[str, Any]) -> None:
    """Let a discriminator decide where a value meets several members of `oneOf`.

    Members that differ by their discriminator alone are published often; read to the letter, `oneOf` refuses
    every value of theirs. What it accepts it still accepts.
    """
    discriminator, members = schema["discriminator"], schema.pop("oneOf")
    name = discriminator["propertyName"]
    either: list[Any] = [{"oneOf": members, "discriminator": schema.pop("discriminator")}]
    for member in members:
        said = {"required": [name], "properties": {name: {"enum": discriminated(discriminator, member)}}}
        either.append({"allOf": [member, said]})
    if "anyOf" in schema:
        schema["allOf"] = [*schema.get("allOf", ()), {"anyOf": either}]
    else:
        schema["anyOf"] = either
