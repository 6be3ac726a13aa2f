"""The command line as a whole: help, exit codes, and what is never printed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from dynaclient.cli import commands
from dynaclient.errors import ConnectError
from tests.cli.conftest import Run, Save
from tests.small import one, param

NAME = "talon-one-integration"
COMMANDS = ("ops", "find", "show", "example", "call", "repl", "lint", "serve", "test")
NAMES = ("add", "list", "remove", "update", "trust", "vendor")


@pytest.mark.parametrize("command", COMMANDS + NAMES)
def test_every_command_has_help(run: Run, command: str) -> None:
    result = run(command, "--help")
    assert result.code == 0
    assert f"dynaclient {command}" in result.out
    assert "NAME" in result.out
    assert len(result.out.splitlines()) > 8


def test_the_help_lists_commands_exit_codes_and_environment(run: Run) -> None:
    out = run("--help").out
    assert all(f"\n    {command} " in out for command in COMMANDS + NAMES)
    assert "exit codes:" in out
    assert "DYNACLIENT_CREDENTIAL_<SCHEME>" in out


USAGE: dict[str, tuple[tuple[str, ...], str]] = {
    "no command": ((), "required: COMMAND"),
    "an unknown command": (("sing", NAME), "no command 'sing'; there are ops, "),
    "a misspelt command": (("opps", NAME), "no command 'opps'; did you mean ops? dynaclient --help says"),
    "a misspelt option": (
        ("test", NAME, "--serverr", "x"),
        "no such option: --serverr; did you mean --server?",
    ),
    "an unknown option": (("ops", NAME, "--loud"), "no such option: --loud"),
    "a missing argument": (("call", NAME), "required: OPERATION"),
    "an unknown document": (("ops", "nowhere"), "'nowhere' is neither a file nor a vendored document"),
    "a path without a file": (("ops", "nowhere.yaml"), "there is no file 'nowhere.yaml'"),
    "a URL of another kind": (("ops", "ftp://x/y"), "'ftp://x/y' is not an http(s) or file URL"),
    "a document that is away": (("ops", "http://127.0.0.1:1/x"), "Check that the server runs, and the URL"),
    "nothing near": (("show", NAME, "zzz"), "`dynaclient ops NAME` lists them"),
    "an argument too many": (("show", NAME, "createReferral", "200", "x"), "1 argument too many"),
    "a parameter as an option": (("call", NAME, "getCustomerSession", "--id=1"), "given as -p NAME=VALUE"),
    "no scheme in a server": (
        ("call", NAME, "createReferral", "--server", "localhost:80"),
        "did you mean http://localhost:80?",
    ),
    "no number of seconds": (("call", NAME, "createReferral", "--timeout", "soon"), "seconds above 0"),
    "no cases": (("test", NAME, "--cases", "0"), "a whole number from 1"),
    "two bodies": (("call", NAME, "createReferral", "--body", "{}", "-F", "a=1"), "not allowed with"),
    "an unknown generation": (("ops", f"{NAME}@1999"), "vendored are"),
    "an unknown operation": (("show", NAME, "createReferal"), "did you mean createReferral"),
    "an unknown scheme": (
        ("call", NAME, "createReferral", "--credential", "nokey=1"),
        "no security scheme 'nokey'",
    ),
    "a parameter without a value": (("call", NAME, "createReferral", "-p", "x"), "-p NAME=VALUE, got 'x'"),
    "a wrong mode": (("call", NAME, "createReferral", "--validate", "loose"), "strict, warn or off"),
    "a wrong direction": (
        ("call", NAME, "createReferral", "--validate", "up=off"),
        "after request=, response=",
    ),
    "a wrong timeout": (("call", NAME, "createReferral", "--timeout", "0"), "timeout"),
    "no server but a stand-in": (("call", NAME, "getCustomerSession", "-p", "customerSessionId=s"), "server"),
    "a server that is none": (("call", NAME, "createReferral", "--server", "ftp://x"), "ftp://x"),
    "a wrong port": (("serve", NAME, "--port", "70000"), "0 to 65535"),
    "two servers": (("repl", NAME, "--sandbox", "--server", "http://x"), "not allowed with"),
}


@pytest.mark.parametrize("case", USAGE)
def test_a_mistake_of_usage_is_2_with_a_reason(run: Run, case: str) -> None:
    arguments, reason = USAGE[case]
    result = run(*arguments)
    assert result.code == 2
    assert reason in result.err
    assert "Traceback" not in result.err
    assert result.out == ""
    assert len(result.err.splitlines()) == 1 or case == "no command"


UNTOLD = {
    "in a misspelt option": ("call", NAME, "createReferral", "--credentials", "api_key_v1=s3cr3t"),
    "in a misspelt option with =": ("call", NAME, "createReferral", "--key=s3cr3t"),
    "without a scheme": ("call", NAME, "createReferral", "--credential", "s3cr3t"),
    "for an unknown scheme": ("call", NAME, "createReferral", "--credential", "other=s3cr3t"),
}


@pytest.mark.parametrize("case", UNTOLD)
def test_what_may_be_a_secret_is_not_repeated(run: Run, case: str) -> None:
    result = run(*UNTOLD[case])
    assert result.code == 2
    assert "s3cr3t" not in result.out + result.err


RAISED: dict[str, tuple[BaseException, int]] = {
    "an interrupt": (KeyboardInterrupt(), 130),
    "no answer": (ConnectError("nobody there"), 1),
    "a file that cannot be read": (PermissionError(13, "Permission denied", "x.yaml"), 2),
    "a mistake of ours": (ZeroDivisionError("by zero"), 1),
}


@pytest.mark.parametrize("case", RAISED)
def test_nothing_is_ever_traced(run: Run, monkeypatch: pytest.MonkeyPatch, case: str) -> None:
    error, code = RAISED[case]

    def fail(options: Any) -> int:
        raise error

    monkeypatch.setattr(commands, "ops", fail)
    result = run("ops", NAME)
    assert result.code == code
    assert "Traceback" not in result.err
    assert not result.err or result.err.startswith("dynaclient: ")


def test_a_reader_that_goes_away_is_no_error() -> None:
    script = f"{sys.executable} -m dynaclient show {NAME} updateCustomerSessionV2 | head -1"
    done = subprocess.run(script, shell=True, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("updateCustomerSessionV2")
    assert done.stderr == ""


def test_python_m_is_the_same_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "dynaclient", "ops", NAME, "createReferral"], capture_output=True, text=True
    )
    assert done.returncode == 0
    assert "/v1/referrals" in done.stdout


HEAVY = "openapi_core werkzeug hypothesis pytest IPython rich requests yaml jsonschema jsonschema_rs".split()


def imported(statement: str) -> set[str]:
    """The top-level packages that a statement imports."""
    command = [sys.executable, "-X", "importtime", "-c", statement]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stderr.splitlines()
    return {line.rpartition("|")[2].strip().partition(".")[0] for line in lines}


def test_importing_dynaclient_imports_nothing_heavy() -> None:
    assert not imported("import dynaclient") & set(HEAVY)


def test_listing_operations_in_a_pipe_imports_neither_rich_nor_a_second_opinion() -> None:
    listing = f"from dynaclient.cli.main import main; main(['ops', '{NAME}'])"
    assert not imported(listing) & {"rich", "openapi_core", "IPython", "hypothesis", "werkzeug"}


def test_a_request_that_breaks_the_document_is_3_with_every_reason(run: Run, save: Save) -> None:
    path = save(one("get", "/x/{id}", param("id", "path"), param("n", schema={"type": "integer"})))
    result = run("call", path, "op", "-p", "n=many", "--server", "http://127.0.0.1:1")
    assert result.code == 3
    assert result.err.splitlines()[0] == "dynaclient: op: the request was not sent; 2 violations"
    assert "path id: missing" in result.err
    assert "query n: expected" in result.err


def test_a_closed_output_is_no_mistake_of_ours() -> None:
    script = f"{sys.executable} -m dynaclient ops {NAME} >&-"
    done = subprocess.run(script, shell=True, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


IN_A_FOLDER_THAT_IS_GONE = {
    "list": ("list",),
    "trust": ("trust",),
    "trust of a relative folder": ("trust", "."),
    "add": ("add", "shop", "shop.yaml"),
    "vendor": ("vendor", NAME, "--name", "shop@1"),
    "vendor of a file": ("vendor", "shop.yaml", "--name", "shop@1"),
    "remove": ("remove", "shop"),
}


@pytest.mark.skipif(sys.platform == "win32", reason="Windows removes no folder that a process is in")
@pytest.mark.parametrize("case", IN_A_FOLDER_THAT_IS_GONE)
def test_a_working_folder_that_was_removed_is_what_is_said(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    result = run(*IN_A_FOLDER_THAT_IS_GONE[case])
    assert (result.code, result.out) == (2, "")
    assert result.err == f"dynaclient: {GONE}\n"


GONE = "the folder that you are in was removed: go to one that is there (`cd`)"
