"""An unknown option is answered with its name here: users know those of curl and of test tools."""

from __future__ import annotations

import pytest

from dynaclient.cli.arguments import build_parser
from dynaclient.cli.hints import _ELSEWHERE, _SAME
from tests.cli.conftest import Run

NAME = "talon-one-integration"
CALL = ("call", NAME, "getCustomerSession")
TEST = ("test", NAME)

HINTS = {
    (*CALL, "-d", "{}"): "-d; use --body BODY|@FILE|-;",
    (*CALL, "--data", "{}"): "--data; use --body",
    (*CALL, "-X", "POST"): "-X; the operation says the method",
    (*CALL, "-o", "file"): "-o; the response goes to standard output: > FILE",
    (*CALL, "--offline"): "--offline; use --dry-run",
    (*CALL, "--format", "csv"): "--format; use --output FORMAT",
    (*CALL, "--jq", "."): "--jq; use --filter EXPRESSION",
    (*CALL, "-x", "http://proxy"): "-x; use --proxy URL",
    (*CALL, "--cacert", "ca.pem"): "--cacert; use --verify FILE",
    (*CALL, "--json", "{}"): "--json; use --body",
    (*CALL, "-u", "me:s3cr3t"): "-u; use --credential SCHEME=VALUE",
    (*CALL, "-i"): "-i; use -v",
    (*CALL, "--query", "a=1"): "--query; use -p NAME=VALUE",
    (*CALL, "--url", "http://127.0.0.1"): "--url; use --server URL",
    (*CALL, "-k"): "-k; use --insecure",
    (*CALL, "--max-time", "5"): "--max-time; use --timeout SECONDS",
    (*CALL, "--form", "a=b"): "--form; use -F NAME=VALUE",
    (*CALL, "--verbos"): "--verbos; did you mean --verbose?",
    (*CALL, "--port", "1"): "--port; dynaclient ",
    (*CALL, "--zebra"): "--zebra; a parameter is given as -p NAME=VALUE",
    (*TEST, "-n", "5"): "-n; use --cases",
    (*TEST, "--exclude", "x"): "--exclude; use --skip PATTERN",
    (*TEST, "--body", "x"): "--body; dynaclient ",
    (*TEST, "-k", "x"): "-k; use --only PATTERN",
    ("ops", NAME, "--server", "x"): "--server; dynaclient ",
    ("ops", NAME, "--zebra"): "--zebra; dynaclient ops --help",
}


def test_an_option_of_other_commands_is_answered_with_them(run: Run) -> None:
    """Each that has it is named."""
    said = run("test", NAME, "--port", "1").err
    for name, parser in build_parser().get_default("commands").items():
        has = "--port" in parser._option_string_actions
        assert (
            f"dynaclient {name} has" in said or f"dynaclient {name}, " in said or f" {name} have" in said
        ) == has


@pytest.mark.parametrize("arguments", HINTS, ids=" ".join)
def test_an_unknown_option_is_answered_with_what_does_it_here(run: Run, arguments: tuple[str, ...]) -> None:
    result = run(*arguments)
    assert (result.code, result.out) == (2, "")
    assert f"dynaclient {arguments[0]}: no such option: {HINTS[arguments]}" in result.err


SECRET = [
    ("-ume:s3cr3t",),
    ("--token=s3cr3t",),
    ("--auth", "s3cr3t"),
    ("-bsession=s3cr3t",),
    ("--u=s3cr3t",),
    ("--bearer:s3cr3t",),
]


@pytest.mark.parametrize("option", SECRET, ids=" ".join)
def test_the_value_of_an_unknown_option_may_be_a_secret(run: Run, option: tuple[str, ...]) -> None:
    for arguments in ((*CALL, *option), (*option, *CALL)):
        result = run(*arguments)
        assert result.code == 2
        assert "s3cr3t" not in result.out + result.err


def test_an_option_before_the_command(run: Run) -> None:
    result = run("--server", "http://127.0.0.1:9", *CALL)
    assert result.code == 2
    assert "--server is before the command; options go after it" in result.err


def test_what_is_named_is_there_and_what_is_there_is_not_renamed() -> None:
    commands = build_parser().get_default("commands").values()
    for option, aliases in _SAME.items():
        having = [each._option_string_actions for each in commands if option in each._option_string_actions]
        assert having
        assert not any(all(alias in options for options in having) for alias in aliases.split())
    known = {option for command in commands for option in command._option_string_actions}
    known -= {"-o"}  # a file of stubs; to curl the file of a response, which is what a call is told of
    assert not known & {alias for aliases in _ELSEWHERE for alias in aliases.split()}


NEAR = {
    "customer_sesion_id": "customer_session_id",
    "customerSesionId": "customerSessionId",
    "Customersessionid": "",
}


@pytest.mark.parametrize("name", NEAR)
def test_one_parameter_is_meant_once(run: Run, name: str) -> None:
    """It has a wire name, a snake_case name and one with its location: the nearest is named."""
    said = run(*CALL, "-p", f"{name}=1", "--server", "http://127.0.0.1:9").err
    meant = said.partition("did you mean ")[2].partition("?")[0]
    assert meant
    assert ", " not in meant
    assert NEAR[name] in meant
