"""`pytest --contract NAME --contract-server URL`: a contract test without a test file."""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

from dynaclient.client import Client
from dynaclient.contract.assertion import check
from dynaclient.contract.decorator import cases
from dynaclient.errors import DynaclientError
from dynaclient.wire.env import Env

if TYPE_CHECKING:
    from dynaclient.contract.case import Case


class ContractModule(pytest.Module):
    """A module that stands in no file: its only test is that of the contract."""

    made: ModuleType

    def _getobj(self) -> ModuleType:
        return self.made


def contract_items(session: pytest.Session) -> Iterator[pytest.Item]:
    """An item for each operation, and one for each probe. Raises UsageError where they cannot be made."""
    options = session.config.option
    if not options.contract_server:
        raise pytest.UsageError("--contract: which server is to be tested? give --contract-server URL")
    try:
        credentials = dict(map(_credential, options.contract_credential))
        client = Client(
            options.contract,
            server=options.contract_server,
            credentials=credentials,
            project=session.config.invocation_params.dir,
        )
        made = _module(client)
    except DynaclientError as error:
        raise pytest.UsageError(f"--contract: {error}") from None
    path = session.config.rootpath / client.document.name.rpartition("/")[2]
    node: Any = ContractModule.from_parent(session, path=path)
    node.made = made
    yield from session.genitems(node)


def _credential(text: str) -> tuple[str, Env]:
    scheme, _, value = text.partition("=")
    if not scheme or not value.startswith("env:"):  # it may be the secret itself
        raise pytest.UsageError("--contract-credential: expected SCHEME=env:VARIABLE")
    return scheme, Env(value.removeprefix("env:"))


def _module(client: Client) -> ModuleType:
    module = ModuleType("contract")

    def test_contract(case: Case) -> None:
        _judge(client, case)

    test_contract.__module__ = module.__name__
    vars(module)["test_contract"] = cases(client)(test_contract)
    return module


def _judge(client: Client, case: Case) -> None:
    """Check a case; what fails is said without a traceback, as there is no file to show."""
    failed = None
    try:
        check(case, case.send(client))
    except AssertionError as error:
        failed = pytest.fail.Exception(str(error), pytrace=False)
        vars(failed).update(vars(error))
    if failed is not None:
        raise failed
