"""Checks that send requests of their own: a function for each, and the table of them.

A probe is asked for each operation or for each resource, and yields a Suspicion for what it sees: the
exchange that ends the sequence, and what is wrong. It sends with `run.send`, or in a Flow where the response
depends on what was sent before. One that cannot be certain yields nothing.
"""

from __future__ import annotations

from collections.abc import Collection

from dynaclient.contract.checks import CHECKS
from dynaclient.contract.probes import authentication, lists, methods, state, writes
from dynaclient.contract.probes.probe import Flow, Probe, Suspicion
from dynaclient.errors import SettingsError

__all__ = ["NAMES", "PROBES", "Flow", "Probe", "Suspicion", "selected"]

_TABLE = (
    Probe(
        "authentication_enforced",
        "without a valid credential nothing is carried out, and the response is the documented 401",
        of_operation=authentication.authentication_enforced,
    ),
    Probe(
        "alternatives_accepted",
        "each documented alternative of credentials is enough by itself",
        of_operation=authentication.alternatives_accepted,
    ),
    Probe(
        "methods_documented",
        "a method that the path does not have gets 405 (RFC 9110)",
        of_operation=methods.methods_documented,
    ),
    Probe(
        "allow_is_true",
        "a 405 has an Allow, and Allow names the methods of the path (RFC 9110)",
        of_operation=methods.allow_is_true,
    ),
    Probe(
        "allow_documented",
        "Allow names only methods that the document has",
        of_operation=methods.allow_documented,
        suspicion=True,
    ),
    Probe(
        "trace_off",
        "TRACE shows credentials to whoever can send it",
        of_operation=methods.trace_off,
    ),
    Probe(
        "head_as_get",
        "HEAD is GET without the body (RFC 9110)",
        of_operation=methods.head_as_get,
    ),
    Probe(
        "created_is_readable",
        "what was made can be read",
        of_resource=state.created_is_readable,
    ),
    Probe(
        "location_leads_somewhere",
        "the Location of a 201 is that of what was made (RFC 9110)",
        of_resource=state.location_leads_somewhere,
    ),
    Probe(
        "links_lead_somewhere",
        "a documented link leads to what is there (OpenAPI, Link Object)",
        of_operation=state.links_lead_somewhere,
    ),
    Probe(
        "created_is_listed",
        "what was made is in the list",
        of_resource=lists.created_is_listed,
        suspicion=True,
    ),
    Probe(
        "limit_holds",
        "a page has at most as many items as were asked for",
        of_operation=lists.limit_holds,
        suspicion=True,
    ),
    Probe(
        "pages_differ",
        "the second page has no item of the first",
        of_operation=lists.pages_differ,
        suspicion=True,
    ),
    Probe(
        "total_holds",
        "a total counts all items of a list, not those of a page",
        of_operation=lists.total_holds,
        suspicion=True,
    ),
    Probe(
        "sort_holds",
        "an ascending list is not the descending one",
        of_operation=lists.sort_holds,
        suspicion=True,
    ),
    Probe(
        "listed_once",
        "a list names each thing once",
        of_resource=lists.listed_once,
        suspicion=True,
    ),
    Probe(
        "filter_holds",
        "a filter that is named like a property gives only what has that value",
        of_operation=lists.filter_holds,
        suspicion=True,
    ),
    Probe(
        "written_is_read",
        "what was written is what is read, less what the server adds",
        of_resource=writes.written_is_read,
        suspicion=True,
    ),
    Probe(
        "patch_keeps_the_rest",
        "PATCH changes what it names and nothing else (RFC 5789, RFC 7396)",
        of_resource=writes.patch_keeps_the_rest,
        suspicion=True,
    ),
    Probe(
        "read_only_is_kept",
        "a readOnly property in a request does not change it (OpenAPI, Schema Object)",
        of_resource=writes.read_only_is_kept,
        suspicion=True,
    ),
    Probe(
        "reads_agree",
        "reads with nothing between them agree",
        of_resource=writes.reads_agree,
        suspicion=True,
    ),
    Probe(
        "etag_changes",
        "an ETag changes when what is read does (RFC 9110)",
        of_resource=writes.etag_changes,
        suspicion=True,
    ),
    Probe(
        "if_match_holds",
        "If-Match with a tag that nothing has gets the documented 412 (RFC 9110)",
        of_operation=writes.if_match_holds,
        suspicion=True,
    ),
    Probe(
        "creation_says_201",
        "a PUT that makes something says the documented 201 (RFC 9110)",
        of_resource=writes.creation_says_201,
        suspicion=True,
    ),
    Probe(
        "duplicate_refused",
        "the same POST twice gets the documented 409",
        of_operation=writes.duplicate_refused,
        suspicion=True,
    ),
    Probe(
        "identifiers_differ",
        "two things that are made get two identifiers",
        of_resource=writes.identifiers_differ,
        suspicion=True,
    ),
    Probe(
        "deleted_not_listed",
        "what was deleted is not in the list",
        of_resource=lists.deleted_not_listed,
    ),
    Probe(
        "use_after_delete",
        "what was deleted is not there any more",
        of_resource=state.use_after_delete,
    ),
    Probe(
        "users_after_delete",
        "what belongs to a deleted thing is not there any more",
        of_resource=state.users_after_delete,
        suspicion=True,
    ),
    Probe(
        "children_after_delete",
        "what lies below a deleted thing is not there any more",
        of_resource=state.children_after_delete,
        suspicion=True,
    ),
    Probe(
        "second_delete_documented",
        "deleting what is not there gets the documented 404",
        of_resource=state.second_delete_documented,
        suspicion=True,
    ),
    Probe(
        "enforced_elsewhere",
        "what a server refuses in one location it refuses in all: formats, readOnly, repeated parameters",
        suspicion=True,
    ),
)

PROBES: dict[str, Probe] = {each.name: each for each in _TABLE}
"""Every probe, by its name, in the order in which they are carried out."""

NAMES = (*CHECKS, "response_time", *PROBES)
"""Every name of a check."""


def selected(names: Collection[str]) -> frozenset[str]:
    """The names of the checks that `names` leave: those it names, or all but those behind a `-`.

    Raises SettingsError for a name that no check has.
    """
    for each in names:
        if each.removeprefix("-") not in NAMES:
            raise SettingsError(f"checks: there is no check {each!r}; there are {', '.join(NAMES)}")
    wanted = {each for each in names if not each.startswith("-")} or set(NAMES)
    return frozenset(wanted - {each[1:] for each in names if each.startswith("-")})
