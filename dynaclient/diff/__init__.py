"""What a newer document of an API changes for those who use it: see `dynaclient.diff.diff`."""

from dynaclient.diff.change import Change, DocumentDiff
from dynaclient.diff.comparison import diff

__all__ = ["Change", "DocumentDiff", "diff"]
