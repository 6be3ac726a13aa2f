"""Completion at a shell: what is offered; each shell reads back the very words, whatever they hold."""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dynaclient.cli.arguments import build_parser
from dynaclient.cli.completion import COMPLETERS, SCRIPTS
from dynaclient.cli.main import main
from tests.cli.conftest import Run
from tests.servers import RawServer
from tests.small import document, one, param

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the shells are those of POSIX systems")

NAME = "talon-one-integration"


Ask = Callable[..., dict[str, str]]


@pytest.fixture
def ask(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Ask:
    """`ask(line)`: what is offered for it, with what is shown beside that, as zsh is told."""
    answer = tmp_path / "answer"
    monkeypatch.setenv("DYNACLIENT_CACHE", str(folder / "cache"))
    monkeypatch.chdir(folder)

    def asked(line: str, point: str | None = None) -> dict[str, str]:
        question = {
            "COMP_LINE": line,
            "COMP_POINT": str(len(line)) if point is None else point,
            "_ARGCOMPLETE": "1",
            "_ARGCOMPLETE_SHELL": "zsh",
            "_ARGCOMPLETE_IFS": "\013",
            "_ARGCOMPLETE_STDOUT_FILENAME": str(answer),
        }
        for name, value in question.items():
            monkeypatch.setenv(name, value)
        answer.write_text("")
        main([])
        assert capfd.readouterr() == ("", ""), "nothing is printed but to who asks"
        rows = (each.replace("\\:", "\0").partition(":") for each in answer.read_text().split("\013") if each)
        return {name.replace("\0", ":").replace("\\\\", "\\"): about for name, _, about in rows}

    return asked


def spec() -> dict[str, Any]:
    """A document with something of each kind."""
    body = {
        "type": "object",
        "required": ["kind"],
        "properties": {
            "kind": {"enum": ["plum", "poppy seed"]},
            "fast": {"type": "boolean"},
            "tags": {"type": "array", "items": {"enum": ["a", "b"]}},
            "owner": {"type": "object", "properties": {"name": {"enum": ["Ada", "Bob"]}}},
            "layers": {"type": "array", "items": {"type": "object", "properties": {"of": {"enum": [1, 2]}}}},
        },
    }
    content = {"application/json": {"schema": body}}
    return document(
        {
            "/cakes/{cakeId}": {
                "put": {
                    "operationId": "putCake",
                    "summary": "Bake *it*",
                    "tags": ["baking"],
                    "parameters": [
                        param("cakeId", "path"),
                        param("size", schema={"enum": ["small", "large", 7]}),
                        param("dry", schema={"type": "boolean"}),
                    ],
                    "requestBody": {"content": content},
                    "responses": {"200": {"description": "", "content": content}},
                },
                "get": {"responses": {}, "summary": "Without an id"},
            }
        },
        servers=[{"url": "https://bakery.example"}],
        components={"securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}},
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("completion")
    (folder / "bakery.json").write_text(json.dumps(spec()))
    (folder / "a folder").mkdir()
    (folder / ".hidden").write_text("")
    return folder


CALL = "dynaclient call bakery.json putCake"
LINES = {
    "dynaclient lin": ["lint"],
    "dynaclient lint --ref": ["--ref-folder", "--ref-host"],
    "dynaclient completion ": ["bash", "fish", "zsh"],
    "dynaclient show talon-one-integration@2020-0": [f"{NAME}@2020-04", f"{NAME}@2020-05"],
    "dynaclient show b": ["bakery.json"],
    "dynaclient show a": ["a folder/"],
    "dynaclient call bakery.json ": ["GET /cakes/{cakeId}", "putCake"],
    "dynaclient call bakery.json 'PUT /c": ["PUT /cakes/{cakeId}"],
    "dynaclient call bakery.json put": ["putCake"],
    f"{CALL} -p ": ["cakeId=", "dry=", "size="],
    f"{CALL} -p s": ["size="],
    f"{CALL} -p size=": ["size=7", "size=large", "size=small"],
    f"{CALL} -p dry=t": ["dry=true"],
    f"{CALL} -p cakeId=7 -p size=s": ["size=small"],
    f"{CALL} -F ": ["fast=", "kind=", "layers=", "owner=", "tags="],
    f"{CALL} ": ["cakeId=", "dry=", "fast=", "kind=", "layers[0].", "owner.", "size=", "tags="],
    f"{CALL} o": ["owner."],
    f"{CALL} cakeId=7 owner.": ["owner.name="],
    f"{CALL} owner.name=A": ["owner.name=Ada"],
    f"{CALL} layers[0].": ["layers[0].of="],
    f"{CALL} 'layers[1].of=": ["layers[1].of=1", "layers[1].of=2"],
    f"{CALL} tags=": ["tags=a", "tags=b"],
    f"{CALL} size=s": ["size=small"],
    f"{CALL} @b": ["@bakery.json"],
    f"{CALL} nothing.": [],
    "dynaclient call bakery.json 'put /": ["put /cakes/{cakeId}"],
    "dynaclient call bakery.json 'put /cakes/{cakeId}' cake": ["cakeId="],
    "dynaclient call bakery.json put_cake cake": ["cakeId="],
    "dynaclient diff bakery.json b": ["bakery.json"],
    "dynaclient add shop bakery.json --credential key=": ["key=command:", "key=env:", "key=keyring:"],
    "dynaclient add shop bakery.json --credential key=env:COMP_P": ["key=env:COMP_POINT"],
    "dynaclient help li": ["lint", "list"],
    f"{CALL} -F kind=p": ["kind=plum", "kind=poppy seed"],
    f"{CALL} -F tags=": ["tags=a", "tags=b"],
    f"{CALL} -F owner=@b": ["owner=@bakery.json"],
    f"{CALL} --body @b": ["@bakery.json"],
    f"{CALL} --credential ": ["key="],
    f"{CALL} --server ": ["https://bakery.example"],
    f"{CALL} --validate request=": ["request=off", "request=strict", "request=warn"],
    f"{CALL} --token-secret-in ": ["body", "header"],
    f"{CALL} --print '$response.body#/k": ["$response.body#/kind"],
    f"{CALL} --timeout ": [],
    f"{CALL} --dry": ["--dry-run"],
    "dynaclient show bakery.json putCake ": [
        "200",
        "body",
        "cakeId",
        "description",
        "dry",
        "example",
        "size",
    ],
    "dynaclient show bakery.json putCake body/owner/": ["body/owner/name"],
    "dynaclient show bakery.json putCake 200/o": ["200/owner"],
    "dynaclient show bakery.json putCake body/layers/": ["body/layers/of"],
    "dynaclient ops bakery.json bak": ["baking"],
    "dynaclient test bakery.json --tag ": ["baking"],
    "dynaclient test bakery.json --only p": ["putCake"],
    "dynaclient mcp bakery.json --only p": ["putCake"],
    "dynaclient mcp bakery.json --allow P": ["PUT"],
    "dynaclient mcp bakery.json --allow PUT,": [],
    "dynaclient test bakery.json --phase ": ["coverage", "random", "stateful"],
    "dynaclient test bakery.json --given ": ["cakeId="],
    "dynaclient test bakery.json --report j": ["json=", "junit="],
    "dynaclient test bakery.json --report junit=b": ["junit=bakery.json"],
    "dynaclient test bakery.json --check no_server_error,body": ["no_server_error,body_documented"],
    # nothing to say: no such thing, or it cannot be known
    "dynaclient call nothing.json ": [],
    "dynaclient call bakery.json nothing -p ": [],
    "dynaclient nothing ": [],
    "dynaclient call 'bakery.json": ["bakery.json"],
    "dynaclient call \"unfinished ' ": [],
}


@pytest.mark.sampled(2)
@pytest.mark.parametrize("line", LINES)
def test_what_is_offered(line: str, ask: Ask) -> None:
    assert sorted(ask(line)) == LINES[line]


def test_words_beside_a_name_are_those_of_the_document(ask: Ask) -> None:
    assert ask("dynaclient call bakery.json put") == {"putCake": "Bake *it*"}
    assert ask("dynaclient li")["lint"].startswith("list what is invalid")


def test_every_argument_that_a_document_decides_is_completed() -> None:
    """A new command gets what it can from the names of its arguments; the table knows no other names."""
    known = {
        action.dest for each in build_parser().get_default("commands").values() for action in each._actions
    }
    known |= {
        f"{name}.{action.dest}"
        for name, each in build_parser().get_default("commands").items()
        for action in each._actions
    }
    assert set(COMPLETERS) <= known


@pytest.mark.parametrize(
    "broken",
    [b"{", b"\x00", b"openapi: 3.0.0\npaths: [", b'{"openapi": "3.0.0", "paths": {"/x": 7}}', b"[" * 100_000],
)
def test_a_broken_document_is_quiet(broken: bytes, ask: Ask) -> None:
    Path("broken.yaml").write_bytes(broken)
    assert ask("dynaclient call broken.yaml ") == {}
    Path("broken.yaml").unlink()


def test_no_name_of_a_document_becomes_an_option(ask: Ask) -> None:
    hostile = one(operation={"operationId": "--server=http://127.0.0.1:1", "tags": ["-v"]})
    hostile["paths"]["/x"]["get"]["parameters"] = [param("--insecure"), param("-v")]
    Path("hostile.json").write_text(json.dumps(hostile))
    assert ask("dynaclient call hostile.json ") == {}
    assert ask("dynaclient ops hostile.json ") == {}
    assert [*ask("dynaclient call hostile.json 'GET /x' ")] == []
    assert [*ask("dynaclient call hostile.json 'GET /")] == ["GET /x"]
    Path("hostile.json").unlink()


@pytest.mark.parametrize("point", ["x", "-5", "99999999", ""])
def test_a_shell_that_asks_nonsense_is_told_nothing_else(point: str, ask: Ask) -> None:
    assert set(ask("dynaclient l", point)) <= {"lint", *build_parser().get_default("commands")}


def test_nothing_is_fetched(ask: Ask) -> None:
    with RawServer(b"") as server:
        Path("remote.json").write_text(json.dumps(document({"/x": {"$ref": f"{server.url}/x.json"}})))
        ask(f"dynaclient call {server.url}/openapi.json ")
        ask(f"dynaclient call {server.url}/openapi.json op -p ")
        ask("dynaclient call remote.json ")
        ask(f"dynaclient call bakery.json putCake --server {server.url} --token-url {server.url} -p ")
        assert server.requests == []


@pytest.fixture
def apis(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's APIs `shop`, and `gone` of a document that nobody has; and a folder to work in."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    settings = tmp_path / "config" / "dynaclient" / "config.toml"
    settings.parent.mkdir(parents=True)
    (tmp_path / "shop.json").write_text(json.dumps(spec()))
    (tmp_path / "work").mkdir()
    trap = f"command:touch {tmp_path / 'run'}"
    settings.write_text(
        f"""\
[api.shop]
document = "{tmp_path / "shop.json"}"
server = "http://127.0.0.1:9"
credentials = {{ key = "{trap}" }}
headers = {{ X-Key = "{trap}" }}

[api.gone]
document = "http://127.0.0.1:9/openapi.json"
credentials = {{ key = "keyring:dynaclient/nobody" }}
"""
    )
    settings.chmod(0o600)
    return tmp_path


def test_apis_that_have_names_are_completed(ask: Ask, apis: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No command is run, no keyring is read: what is completed needs no credential."""
    monkeypatch.setitem(sys.modules, "keyring", None)
    monkeypatch.chdir(apis / "work")
    assert ask("dynaclient call s") == {"shop": "your API"}
    assert ask("dynaclient remove ") == {"shop": "your API", "gone": "your API"}
    assert ask("dynaclient login ") == ask("dynaclient logout ") == {"shop": "your API", "gone": "your API"}
    assert [*ask("dynaclient login shop --scheme ")] == ["key"]
    assert [*ask("dynaclient login shop --client-secret ")] == ["env:", "keyring:", "command:"]
    assert ask("dynaclient add new s") == ask("dynaclient vendor s") == {}  # that takes no name of an API
    assert f"{NAME}@2020-04" in ask("dynaclient vendor talon")
    assert [*ask("dynaclient call shop p")] == ["putCake"]
    assert [*ask("dynaclient call shop putCake -p size=s")] == ["size=small"]
    assert [*ask("dynaclient call shop putCake --credential ")] == ["key="]
    assert ask("dynaclient call gone ") == {}
    assert not (apis / "run").exists()


def test_apis_of_the_project_are_completed_until_its_file_changes(
    ask: Ask, apis: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = apis / "work" / "dynaclient.toml"
    (apis / "work" / "crm.json").write_text(json.dumps(spec()))
    (apis / "work" / "inside").mkdir()
    monkeypatch.chdir(apis / "work" / "inside")
    assert "crm" not in ask("dynaclient call ")
    project.write_text("[api.crm]\ndocument = 'crm.json'\n")
    assert ask("dynaclient call crm")["crm"] == "the project's API"
    assert [*ask("dynaclient call crm p")] == ["putCake"]
    assert "crm" not in ask("dynaclient remove ")
    project.write_text("[api.other]\ndocument = 'crm.json'\n")
    assert ask("dynaclient call crm") == {}
    assert ask("dynaclient call crm p") == {}


def test_an_overlay_of_an_api_counts(ask: Ask, apis: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = apis / "config" / "dynaclient" / "config.toml"
    overlay = {
        "overlay": "1.0.0",
        "info": {"title": "", "version": "1"},
        "actions": [{"target": "$.paths['/cakes/{cakeId}'].put", "update": {"operationId": "bakeCake"}}],
    }
    (apis / "o.json").write_text(json.dumps(overlay))
    settings.write_text(f"[api.shop]\ndocument = '{apis / 'shop.json'}'\noverlays = ['{apis / 'o.json'}']\n")
    monkeypatch.chdir(apis / "work")
    assert [*ask("dynaclient call shop b")] == ["bakeCake"]
    (apis / "o.json").write_text(json.dumps(overlay).replace("bakeCake", "mixCake"))
    assert [*ask("dynaclient call shop m")] == ["mixCake"]


def test_the_script_of_each_shell(run: Run) -> None:
    for shell in ("bash", "zsh", "fish"):
        result = run("completion", shell)
        assert (result.code, result.out) == (0, SCRIPTS[shell])
    assert run("completion", "tcsh").code == 2


# -- real shells -------------------------------------------------------------------------------------

EVERYTHING = "a$(touch pwned)`touch pwned`;&|<>()*?[b-z]{c,d}~#!'\"\\ :=^%@+,€"
"""One name with all that a shell gives a meaning to."""

NAMES = {
    "all": EVERYTHING,
    "home": "~root",
    "comment": "#comment",
    "command": "=ls",
    "history": "!!",
    "braces": "{a,b}",
    "glob": "*",
    "substitution": "$(touch pwned)",
    "variable": "$HOME",
    "place": "a GET /pets and more",
    "quote": "it's",
    "colon": "a:b=c:d",
    "backslash": "a\\nb",
}
"""Names of operations: a shell has to read back these very words."""

HIDDEN = [
    "a\ntouch pwned",
    "a\ttouch pwned",
    "a\013touch pwned",
    "\x1b]0;title\x07",
    "\x9b31m",
    "a\u202eb",
    "\x00",
    "",
]
"""What is not offered: nobody could type it, or see what it is."""

RC = {
    "bash": (".bashrc", "PS1='ready> '; HISTFILE=; eval \"$(dynaclient completion bash)\"\n"),
    "zsh": (
        ".zshrc",
        "PS1='ready> '; autoload -U compinit; compinit -D; eval \"$(dynaclient completion zsh)\"\n",
    ),
    "fish": (
        "config/fish/config.fish",
        "function fish_prompt; printf 'ready> '; end; dynaclient completion fish | source\n",
    ),
}
COMMANDS = {"bash": ["--rcfile", ".bashrc", "-i"], "zsh": ["-i"], "fish": ["-i"]}
SHIM = """\
#!/bin/sh
if [ -n "$_ARGCOMPLETE" ] || [ "$1" = completion ]; then exec {python} -m dynaclient "$@"; fi
for each in "$@"; do printf '%s\\0' "$each"; done > argv.part
mv argv.part argv
"""
"""`dynaclient`, which completes as it does, and else only notes which words it got."""


class Shell:
    """A shell on a terminal, with the settings that the documentation names, and nothing else."""

    def __init__(self, name: str, folder: Path) -> None:
        pexpect = pytest.importorskip("pexpect", reason="a terminal is played with pexpect")
        self.folder = folder
        self.name = name
        self.shown = ""
        self.process = pexpect.spawn(
            str(shutil.which(name)),
            COMMANDS[name],
            cwd=str(folder),
            env={
                "PATH": f"{folder / '.bin'}:/usr/local/bin:/usr/bin:/bin",
                "PYTHONPATH": str(Path(__file__).parents[2]),
                "DYNACLIENT_CACHE": str(folder / "cache"),
                "HOME": str(folder),
                "ZDOTDIR": str(folder),
                "XDG_CONFIG_HOME": str(folder / "config"),
                "XDG_DATA_HOME": str(folder / "data"),
                "INPUTRC": "/dev/null",
                "TERM": "xterm",
                "LANG": "C.UTF-8",
            },
            dimensions=(50, 160),
            encoding="utf-8",
            codec_errors="backslashreplace",
            timeout=30,
        )
        self.process.delaybeforesend = None
        self.process.expect_exact("ready> ")

    def words(self, *typed: str) -> list[str]:
        """What `dynaclient` is called with when this is typed; the keys are pressed one after the other."""
        argv = self.folder / "argv"
        argv.unlink(missing_ok=True)
        for each in (*typed, "\r"):
            self.process.send(each)
        end = time.monotonic() + 10
        while not argv.exists():
            if time.monotonic() > end:
                self.process.send("\x03")
                self.process.expect_exact("ready> ")
                raise AssertionError(f"{self.name} waits: {self.process.before!r}")
            time.sleep(0.01)
        self.process.expect_exact("ready> ")
        self.shown += self.process.before
        return argv.read_text().split("\0")[:-1]


@pytest.fixture(scope="module", params=["bash", "zsh", "fish"])
def shell(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    name: str = request.param
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not installed")
    folder = tmp_path_factory.mktemp(name)
    (folder / ".bin").mkdir()
    shim = folder / ".bin" / "dynaclient"
    shim.write_text(SHIM.format(python=sys.executable))
    shim.chmod(0o755)
    file, settings = RC[name]
    (folder / file).parent.mkdir(parents=True, exist_ok=True)
    (folder / file).write_text(settings)
    for key, each in NAMES.items():
        (folder / f"{key}.json").write_text(json.dumps(named(each)))
    (folder / "hidden.json").write_text(json.dumps(named(*HIDDEN)))
    (folder / "two.json").write_text(json.dumps(named(f"{EVERYTHING}x", f"{EVERYTHING}y")))
    (folder / "bakery.json").write_text(json.dumps(spec()))
    (folder / "a file; touch pwned.json").write_text("{}")
    made = Shell(name, folder)
    yield made
    made.process.close(force=True)


def some_or_all(cases: Iterable[Any], some: int) -> list[Any]:
    """The first of the cases, and the others where all the time in the world is there: a TAB takes 0.1 s."""
    return [
        each if at < some else pytest.param(each, marks=pytest.mark.exhaustive)
        for at, each in enumerate(cases)
    ]


def named(*names: str) -> dict[str, Any]:
    """A document whose operations have these names, and hostile words beside them."""
    return document(
        {
            f"/{number}": {
                "get": {"operationId": name, "summary": f"\x1b]0;title\x07\x9b31m {name}", "responses": {}}
            }
            for number, name in enumerate(names)
        }
    )


@pytest.mark.sampled(3)
@pytest.mark.parametrize("key", some_or_all(NAMES, 1))
def test_a_shell_reads_back_the_word_that_was_offered(shell: Shell, key: str) -> None:
    words = ["call", f"{key}.json", NAMES[key]]
    if (shell.name, key) == (
        "fish",
        "home",
    ):  # it cannot be said to fish: its own completion leaves ~ as it is
        words.pop()
    assert shell.words(f"dynaclient call {key}.json ", "\t") == words
    assert not (shell.folder / "pwned").exists()


@pytest.mark.sampled(3)
@pytest.mark.parametrize("quote", ["'", '"'])
@pytest.mark.parametrize("key", some_or_all(["substitution", "place", "all", "history"], 1))
def test_so_it_does_behind_a_quote(shell: Shell, key: str, quote: str) -> None:
    begun = NAMES[key][0].strip("$!")
    typed = [f"dynaclient call {key}.json {quote}{begun}", "\t"]
    name = NAMES[key]
    if shell.name == "bash" and quote == '"' and "!" in name:  # nothing there stands for it
        typed, name = [*typed, quote], begun
    assert shell.words(*typed) == ["call", f"{key}.json", name]
    assert not (shell.folder / "pwned").exists()


def test_what_several_have_in_common_is_one_word_too(shell: Shell) -> None:
    assert shell.words("dynaclient call two.json ", "\t", "y") == ["call", "two.json", f"{EVERYTHING}y"]
    assert not (shell.folder / "pwned").exists()


@pytest.mark.sampled(3)
def test_files_are_words_too(shell: Shell) -> None:
    assert shell.words("dynaclient lint 'a f", "\t") == ["lint", "a file; touch pwned.json"]
    assert shell.words("dynaclient lint ~/a\\ f", "\t") == [
        "lint",
        f"{shell.folder}/a file; touch pwned.json",
    ]
    assert shell.words("dynaclient lint a\\ f", "\t") == ["lint", "a file; touch pwned.json"]


@pytest.mark.sampled(3)
def test_what_nobody_could_type_is_not_offered(shell: Shell) -> None:
    """Nor does a document rename the window, by its names or by the words beside them."""
    shell.words("dynaclient call hidden.json ", "\t", "\t")
    shell.words("dynaclient call two.json ", "\t" if shell.name == "fish" else "\t\t", "y")
    assert "\x1b]0;title" not in shell.shown
    assert "\x9b31m" not in shell.shown
    assert not (shell.folder / "pwned").exists()


SESSION = {  # what is typed, TAB by TAB -> the words
    ("dynaclient lin", "bak"): ["lint", "bakery.json"],
    ("dynaclient call bak", "p", "-p si", "s"): ["call", "bakery.json", "putCake", "-p", "size=small"],
    ("dynaclient call bakery.json putCake -p cakeId=7 -p s", "l"): [
        *("call", "bakery.json", "putCake", "-p", "cakeId=7", "-p", "size=large")
    ],
    ("dynaclient call bakery.json putCake -F ki", "po"): [
        "call",
        "bakery.json",
        "putCake",
        "-F",
        "kind=poppy seed",
    ],
    ("dynaclient add shop bakery.json --credential ", "en", "XDG_CONFIG_H"): [
        *("add", "shop", "bakery.json", "--credential", "key=env:XDG_CONFIG_HOME")
    ],
    ("dynaclient lint talon-one-integration@2020-04",): ["lint", "talon-one-integration@2020-04"],
    ("dynaclient lint talon-one-integration@2026",): ["lint", "talon-one-integration@2026-05"],
    ("dynaclient show bakery.json putCake body/o",): ["show", "bakery.json", "putCake", "body/owner"],
    ("dynaclient call bakery.json GET\\ /c",): ["call", "bakery.json", "GET /cakes/{cakeId}"],
    ("cd . && dynaclient call bakery.json pu",): ["call", "bakery.json", "putCake"],
    ("dynaclient call bakery.json putCake --validate response=o",): [
        *("call", "bakery.json", "putCake", "--validate", "response=off")
    ],
    ("dynaclient call bakery.json putCake --server ",): [
        *("call", "bakery.json", "putCake", "--server", "https://bakery.example")
    ],
}


@pytest.mark.parametrize("typed", some_or_all(SESSION, 1))
def test_words_are_completed_one_after_the_other(shell: Shell, typed: tuple[str, ...]) -> None:
    assert shell.words(*(each for text in typed for each in (text, "\t"))) == SESSION[typed]
