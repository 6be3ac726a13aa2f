"""What could stand at the cursor in Python: names of the document, at any depth; nothing is run."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import pytest

import dynaclient
from dynaclient import Client
from dynaclient.completion.prompt_readline import PromptCompleter
from dynaclient.completion.python_prompt import plain_offers, python_offers
from dynaclient.explore.prompt import names_for
from tests.small import document, one, param

NAME = "talon-one-integration"


@pytest.fixture(scope="module")
def talon() -> Client:
    return Client(NAME, server="http://127.0.0.1:1")


@pytest.fixture(scope="module")
def names(talon: Client) -> dict[str, Any]:
    return {
        "talon": talon,
        "Client": Client,
        "call": talon.call,
        "operations": talon.operations,
        "dynaclient": dynaclient,
        **names_for(talon),
        "apis": {"talon": talon},
        "mine": SimpleNamespace(client=talon),
    }


def texts(code: str, names: Mapping[str, Any], after: str = "") -> list[str]:
    return [each.text for each in python_offers(code, names, after).offers]


UPDATE = 'talon.update_customer_session_v2("s", '
OFFERED = {
    # operations
    "talon.get_customer_s": ["get_customer_session"],
    "talon.oper": ["operations"],
    'talon.call("getCustomerS': ['getCustomerSession"'],
    'call("getCustomerS': ['getCustomerSession"'],
    'talon.send("GET /v2/customer_sessions/{customerSessionI': [
        'GET /v2/customer_sessions/{customerSessionId}"'
    ],
    'talon.prepare("getcustomers': ['getCustomerSession"'],
    "talon.operations['getCustomerS": ["getCustomerSession'"],
    "operations['getCustomerS": ["getCustomerSession'"],
    'apis["talon"].get_customer_s': ["get_customer_session"],
    "mine.client.get_customer_s": ["get_customer_session"],
    "talon.update_customer_session_v2.se": ["send"],
    # parameters
    f"{UPDATE}d": ["dry="],
    "talon.update_customer_session_v2.send('s', d": ["dry="],
    'talon.call("updateCustomerSessionV2", d': ["dry="],
    'talon.call("PUT /v2/customer_sessions/{customerSessionId}", d': ["dry="],
    'talon.call("updateCustomerSessionV2", {"customerS': ['customerSessionId"'],
    'talon.call("updateCustomerSessionV2", {"customerSessionId": "s", "d': ['dry"'],
    # values
    f"{UPDATE}dry=": ["True", "False"],
    f"{UPDATE}dry=T": ["True"],
    f'{UPDATE}{{"customerSession": {{"state": "cl': ['closed"'],
    f'{UPDATE}{{"customerSession": {{"state": ': [
        '"open"',
        '"closed"',
        '"partially_returned"',
        '"cancelled"',
    ],
    # keys of bodies
    f'{UPDATE}{{"cust': ['customerSession"'],
    f"{UPDATE}{{": ['"customerSession"', '"responseContent"'],
    f'{UPDATE}body={{"customerSession": {{"st': ['storeIntegrationId"', 'state"'],
    f"{UPDATE}body=dict(customerSession=dict(st": ["storeIntegrationId=", "state="],
    f'{UPDATE}body={{"customerSession": {{"cartItems": [{{"name": "x"}}, {{"sk': ['sku"'],
    f'{UPDATE}{{"customerSession": {{"state": "open", "st': ['storeIntegrationId"'],
    'talon.call("updateCustomerSessionV2", body={"customerSession": {"cartItems": [{"sk': ['sku"'],
    # options and settings
    f'{UPDATE}options={{"time': ['timeout"'],
    'Client("talon-one-integration@2020-0': [
        'talon-one-integration@2020-04"',
        'talon-one-integration@2020-05"',
    ],
    f'dynaclient.connect("{NAME}", val': ["validate=", "validate_with="],
    f'Client("{NAME}", val': ["validate=", "validate_with="],
    f'Client("{NAME}", validate="w': ['warn"'],
    f'Client("{NAME}", validate={{"re': ['request"', 'response"'],
    f'Client("{NAME}", validate={{"request": "o': ['off"'],
    f'Client("{NAME}", credentials={{"man': ['manager_auth"', 'management_key"'],
    # parts of a show
    'show("getCustomerS': ['getCustomerSession"'],
    'show(talon.update_customer_session_v2, "bo': ['body"'],
    'show(talon.update_customer_session_v2, "body/customerSession/cartItems/sk': [
        'body/customerSession/cartItems/sku"'
    ],
    'show("updateCustomerSessionV2", "20': ['200"'],
    'show(talon, "getCustomerS': ['getCustomerSession"'],
    'show(talon, "updateCustomerSessionV2", "bo': ['body"'],
    'dynaclient.show(talon.update_customer_session_v2, "bo': ['body"'],
    'talon.show("updateCustomerSessionV2", "bo': ['body"'],
    'example("getCustomerS': ['getCustomerSession"'],
    'talon.example("getCustomerS': ['getCustomerSession"'],
    'talon.check("updateCustomerSessionV2", "s", {"custom': [],
    'talon.curl("updateCustomerSessionV2", body={"custom': ['customerSession"'],
    'talon.update_customer_session_v2.check("s", {"custom': ['customerSession"'],
    # nothing to say
    "print(": [],
    "other.get_cu": [],
    'open("ta': [],
    "talon.nothing_there(": [],
    f'{UPDATE}{{"nothing": {{"st': [],
    "import talon.": None,
}


@pytest.mark.parametrize("code", [code for code, offered in OFFERED.items() if offered is not None])
def test_what_is_offered(code: str, names: dict[str, Any]) -> None:
    found = python_offers(code, names)
    offered = [each.text for each in found.offers]
    expected = OFFERED[code]
    assert expected is not None
    assert [each for each in offered if each in expected] == expected if expected else not offered
    assert len(offered) <= len(expected) + 1  # a later generation may have one more
    assert code.endswith(found.typed)


def test_a_quote_that_is_there_is_not_written_again(names: dict[str, Any]) -> None:
    assert texts('talon.call("getCustomerS', names, '", ') == ["getCustomerSession"]
    assert texts('talon.call("getCustomerS', names, "', ") == ['getCustomerSession"']


def test_required_ones_come_first_and_what_is_given_is_left_out() -> None:
    body = {
        "type": "object",
        "required": ["last"],
        "properties": {"first": {"type": "string"}, "last": {"type": "string"}},
    }
    api = Client(one("post", "/x", param("q"), param("must", required=True), body=body))
    assert texts("api.op(", {"api": api}) == ["must=", "q=", "body=", "options="]
    assert texts("api.op('m', {", {"api": api}) == ['"last"', '"first"']
    assert texts("api.op('m', {'last': 1, '", {"api": api}) == ["first'"]
    assert texts("api.op('m', {}, ", {"api": api}) == ["q=", "options="]
    assert texts("api.op(q=1, ", {"api": api}) == ["must=", "body=", "options="]


def test_two_parameters_of_one_name_are_told_apart() -> None:
    api = Client(one("get", "/x/{id}", param("id", "path"), param("id", "query")))
    assert texts('api.call("op", {"', {"api": api}) == ['path.id"', 'query.id"']


SCHEMAS = {
    "a choice": ({"oneOf": [{"properties": {"ab": {}}}, {"properties": {"ac": {}}}]}, ["ab'", "ac'"]),
    "a reference": ({"$ref": "#/components/schemas/Tree"}, ["left'", "kind'"]),
    "allOf": (
        {"allOf": [{"$ref": "#/components/schemas/Tree"}, {"properties": {"more": {}}}]},
        ["left'", "kind'", "more'"],
    ),
    "what only responses have": (
        {"properties": {"id": {"readOnly": True}, "in": {"writeOnly": True}}},
        ["in'"],
    ),
}


@pytest.mark.parametrize("kind", SCHEMAS)
def test_keys_of_a_body_by_its_schema(kind: str) -> None:
    schema, expected = SCHEMAS[kind]
    tree = {
        "type": "object",
        "properties": {"left": {"$ref": "#/components/schemas/Tree"}, "kind": {"enum": ["oak", "fir"]}},
    }
    api = Client(one("post", body=schema, components={"schemas": {"Tree": tree}}))
    assert texts("api.op({'", {"api": api}) == expected
    if "Tree" in str(schema):
        assert texts("api.op({'left': {'left': {'left': {'kind': 'o", {"api": api}) == ["oak'"]


HOSTILE = [
    "it's",
    'say "hi"',
    "back\\slash",
    "new\nline",
    "\x1b[31mred",
    "a\u202eb",
    "nul\x00",
    "{x}",
    "$(id)",
    "é",
    "a b",
]


@pytest.mark.parametrize("quote", ["'", '"', "'''", "f'", "r'", "b'"])
def test_keys_of_a_document_are_written_so_that_they_are_read_as_they_are(quote: str) -> None:
    """Python reads back the key itself; nothing of it reaches the terminal as a command."""
    api = Client(one("post", body={"properties": {each: {} for each in HOSTILE}}))
    code = f"api.op({{{quote}"
    offered = texts(code, {"api": api})
    read = [ast.literal_eval(f"{quote.replace('f', '')}{each}") for each in offered if "{" not in each]
    assert set(read) <= set(HOSTILE)
    assert all(each.isprintable() for each in offered)
    if quote in ("'", '"', "'''"):
        assert set(read) | {"{x}"} == set(HOSTILE)
    if quote == "b'":
        assert not offered
    if quote == "f'":
        assert "{{x}}'" in offered


class _Trap:
    """Whatever is asked of it is told."""

    touched: list[str] = []  # noqa: RUF012

    def __getattr__(self, name: str) -> Any:
        self.touched.append(name)
        return None

    @property
    def client(self) -> Any:
        self.touched.append("a property")
        return None

    @property
    def __class__(self) -> Any:
        self.touched.append("__class__")
        return Client

    @__class__.setter
    def __class__(self, value: Any) -> None:
        """As the first, so that type checkers see a property."""

    def __getitem__(self, key: Any) -> Any:
        self.touched.append("an item")
        return None

    def __dir__(self) -> list[str]:
        self.touched.append("dir")
        return []

    def __call__(self, *given: Any) -> Any:
        self.touched.append("a call")
        return None

    def __repr__(self) -> str:
        self.touched.append("repr")
        return ""

    def __eq__(self, other: object) -> bool:
        self.touched.append("eq")
        return False

    def __hash__(self) -> int:
        self.touched.append("hash")
        return 0


TRAPPED = [
    "trap.", "trap.client.", "trap.client.get(", "trap['x'].", "trap['x'].op('", "trap().op(", "trap(",
    "trap(x=", "talon.call(trap, ", "show(trap, 'b", "trap.client['", "inner.trap.client.", "trap.__class__.",
    "f(trap.", "inner.trap", "tr", "talon.get_customer_session(trap.", "subclass.", "subclass.trapped.",
    "subclass.get_cu",
]  # fmt: skip


@pytest.mark.parametrize("code", TRAPPED)
@pytest.mark.parametrize("offers", [python_offers, plain_offers])
def test_nothing_is_run_that_is_not_ours(
    code: str, offers: Any, names: dict[str, Any], talon: Client
) -> None:
    class Mine(Client):
        @property
        def trapped(self) -> Any:
            _Trap.touched.append("a property of a subclass")
            return None

    trap = _Trap()
    names = {**names, "trap": trap, "inner": SimpleNamespace(trap=trap), "subclass": Mine(talon.document)}
    _Trap.touched.clear()
    offers(code, names)
    assert _Trap.touched == []


def test_attributes_of_anything_at_a_plain_prompt(names: dict[str, Any]) -> None:
    def offered(code: str) -> list[str]:
        return [each.text for each in plain_offers(code, {**names, "words": "text", "ast": ast}).offers]

    assert "startswith" in offered("words.starts")
    assert "literal_eval" in offered("ast.lit")
    assert "print" in offered("pri")
    assert "talon" in offered("tal")
    assert "lambda" in offered("lam")
    assert offered("words.startswith('") == []


READLINE = {  # the line, the word that readline finds -> what it puts in the word's place
    ("talon.get_customer_s", "talon.get_customer_s"): ["talon.get_customer_session("],
    ("print(talon.get_customer_s", "talon.get_customer_s"): ["talon.get_customer_session("],
    ('call("getCustomerS', "getCustomerS"): ['getCustomerSession"'],
    ('call("GET /v2/customer_sessions/{cust', "cust"): ['customerSessionId}"'],
    (f"{UPDATE}dry", "dry"): ["dry="],
    (f'{UPDATE}{{"customerSession": {{"state": "cl', "cl"): ['closed"'],
    ("pri", "pri"): ["print"],
    ("", ""): ["    "],
}


@pytest.mark.parametrize(("line", "word"), READLINE)
def test_readline_replaces_a_word(line: str, word: str, names: dict[str, Any]) -> None:
    found = PromptCompleter(names).completions(line, word)
    assert [each for each in found if "/activity" not in each] == READLINE[line, word]


def test_a_variable_can_be_an_argument(names: dict[str, Any]) -> None:
    given = {**names, "dryness": 3}
    assert [each.text for each in plain_offers(f"{UPDATE}dry", given).offers] == ["dry=", "dryness"]
    assert [each.text for each in plain_offers(f"{UPDATE}", given).offers][:2] == ["dry=", "now="]


def test_lines_above_belong_to_the_same_input(names: dict[str, Any]) -> None:
    above = ["talon.update_customer_session_v2(", "  's',", "  body={", "    'customerSession': {"]
    found = PromptCompleter(names, lambda: above).completions("       'sta", "sta")
    assert found == ["state'"]


def test_a_broken_document_offers_what_it_can() -> None:
    tree = document({"/x": {"post": {"operationId": "op", "requestBody": {"$ref": "#/nowhere"}}}})
    assert texts("api.op({'", {"api": Client(tree)}) == []
    assert texts("api.o", {"api": Client(tree)}) == ["op", "operations"]
