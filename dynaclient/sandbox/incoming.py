"""A request as it arrived: the sandbox and the receivers of webhooks read the same."""

from dynaclient.wire.incoming import Incoming, decoded, origin_form

__all__ = ["Incoming", "decoded", "origin_form"]
