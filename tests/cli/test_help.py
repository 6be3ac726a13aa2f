"""Every `--help` reads like documentation: what a command does, what each option does, examples."""

from __future__ import annotations

import argparse
import re
import shlex
from collections.abc import Iterator
from itertools import takewhile

import pytest

from dynaclient.cli.arguments import build_parser
from dynaclient.cli.options.parser import Parser
from tests.cli.conftest import Run

PARSERS: dict[str, Parser] = build_parser().get_default("commands")


@pytest.mark.parametrize("command", PARSERS)
def test_each_command_has_help_that_is_whole(command: str, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    asked, told = run(command, "--help"), run("help", command)
    assert (asked.code, asked.err) == (0, "")
    assert asked == told
    assert asked.out.startswith(f"usage: dynaclient {command}")
    lines = [line for line in asked.out.splitlines() if not line.startswith("  ")]  # but for examples
    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize("command", PARSERS)
def test_of_a_command_that_is_known_only_few_are_built(command: str) -> None:
    few = build_parser(command).get_default("commands")
    assert command in few
    assert len(few) <= 5
    assert few[command].format_help() == PARSERS[command].format_help()


@pytest.mark.parametrize("command", PARSERS)
def test_each_argument_has_words(command: str) -> None:
    actions = [each for each in PARSERS[command]._actions if each.help is not argparse.SUPPRESS]
    assert [each.dest for each in actions if not each.help] == []


def test_help_alone_is_that_of_all(run: Run) -> None:
    assert run("help") == run("--help")
    result = run("help", "cal")
    assert (result.code, result.out) == (2, "")
    assert "there is no command 'cal'; did you mean call?" in result.err


def examples() -> Iterator[str]:
    """The commands that helps show: lines that begin with `dynaclient`, with what continues them."""
    for command, parser in PARSERS.items():
        text = re.sub(r" \\\n +", " ", parser.format_help())
        for line in re.findall(r"^  (?:\w+=\$\()?(dynaclient .*)$", text, re.MULTILINE):
            assert line.split()[1] in PARSERS, command
            yield line


EXAMPLES = list(dict.fromkeys(examples()))


@pytest.mark.parametrize("line", EXAMPLES)
def test_the_examples_are_commands(line: str) -> None:
    """Each is taken by the parser; what is behind a pipe or a redirection is the shell's."""
    lexer = shlex.shlex(line.removesuffix(")"), posix=True, punctuation_chars="<>|")
    lexer.whitespace_split = True
    words = list(takewhile(lambda word: word not in ("<", ">", "|"), lexer))
    options, unknown = build_parser().parse_known_args(words[1:])
    assert options.run
    assert not [each for each in unknown if each.startswith("-")]


def test_most_commands_show_examples() -> None:
    shown = {line.split()[1] for line in EXAMPLES}
    assert {"call", "find", "show", "example", "test"} <= shown


def test_show_without_an_operation_lists_all(run: Run) -> None:
    name = "talon-one-integration"
    assert run("show", name) == run("ops", name)


@pytest.mark.parametrize(
    "written",
    ["get /v2/customer_sessions/{customerSessionId}", "GET /V2/Customer_Sessions/{customersessionid}"],
)
def test_a_method_and_a_path_in_any_case_of_letters(written: str, run: Run) -> None:
    out = run("show", "talon-one-integration", written, "description").out
    assert out == run("show", "talon-one-integration", "getCustomerSession", "description").out
