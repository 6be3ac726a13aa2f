"""The command line and small documents, as for `tests/cli`."""

from tests.cli.conftest import _no_settings, run, save  # noqa: F401
