"""What was made is there, and what was removed is not; what a response leads to exists."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dynaclient.client import executor_of
from dynaclient.contract.flow import Capture
from dynaclient.contract.probes.comparing import is_same
from dynaclient.contract.probes.probe import Flow, Suspicion
from dynaclient.contract.probes.sequences import (
    NOT_THERE,
    addressed,
    again,
    body_of,
    create,
    created,
    documents,
    keeps,
    read,
    ready,
    removed,
)
from dynaclient.contract.resources import SAFE
from dynaclient.errors import Violation
from dynaclient.transport.url import origin_of, resolved_url

if TYPE_CHECKING:
    from dynaclient.contract.flow import SentCase
    from dynaclient.contract.resources import Resource
    from dynaclient.contract.run_state import Run
    from dynaclient.contract.things import Thing
    from dynaclient.document.model import Operation


def complaint(exchange: SentCase, message: str, name: str = "", operation: str = "") -> Suspicion:
    """That the status of a response is not the one that was to come."""
    return Suspicion(exchange, Violation("status", name or str(exchange.status), "", message), operation)


def created_is_readable(run: Run, resource: Resource) -> Iterator[Suspicion]:
    """What a 2xx made is read with a 2xx."""
    for creator in resource.creators[:2] if resource.readers else ():
        flow = Flow(run)
        made = create(run, flow, resource, creator)
        got = read(run, flow, made[0]) if made is not None else None
        if got is not None and got.status in NOT_THERE and again(run, got).status in NOT_THERE:
            yield complaint(got, f"what {creator.operation} made cannot be read: got {got.status}")


def use_after_delete(run: Run, resource: Resource) -> Iterator[Suspicion]:
    """What was deleted is not there any more."""
    flow = Flow(run)
    thing, before = _deleted(run, flow, resource)
    if thing is None or before is None:
        return
    after = read(run, flow, thing)
    if after is not None and _is_still(before, after) and _is_still(before, again(run, after)):
        key = resource.removers[0]
        yield complaint(after, f"what {key} deleted can still be read: expected 404, got {after.status}")
        return
    flow.exchanges.pop()
    addressing = addressed(run, run.client.operations[resource.removers[0]], thing)
    if addressing is not None:
        flow.send(*addressing)  # whatever it says, it is no 500


def _deleted(run: Run, flow: Flow, resource: Resource) -> tuple[Thing | None, SentCase | None]:
    """A thing that was made, read (the exchange), and removed."""
    if not (resource.readers and resource.removers):
        return None, None
    made = created(run, flow, resource)
    if made is None or not keeps(run, resource):
        return None, None
    before = read(run, flow, made[0])
    if before is None or not before.ok or removed(run, flow, made[0]) is None:
        return None, None
    return made[0], before


def _is_still(before: SentCase, after: SentCase) -> bool:
    """Whether what is read is what was: a server may show what it removed as removed."""
    return after.ok and is_same(body_of(before), body_of(after))


def users_after_delete(run: Run, resource: Resource) -> Iterator[Suspicion]:
    """What belongs to a thing is not there any more when the thing is not."""
    below = [run.client.operations[key] for key in resource.users]
    below = [
        each
        for each in below
        if each.method == "GET" and run.resources.of(each) is resource and each.key not in resource.readers
    ]
    for operation in below[:3]:
        flow = Flow(run)
        made = created(run, flow, resource) if resource.removers and resource.readers else None
        if made is None or not keeps(run, resource):
            return
        thing = made[0]
        there, nowhere = addressed(run, operation, thing), addressed(run, operation, None)
        if there is None or nowhere is None or not flow.send(*there).ok:
            continue
        if run.send(*nowhere).status not in NOT_THERE or removed(run, flow, thing) is None:
            continue
        after = read(run, flow, thing)
        if after is None or after.status not in NOT_THERE:
            continue
        flow.exchanges.pop()
        last = flow.send(*there)
        if last.ok and again(run, last).ok:
            message = f"got {last.status} for what belongs to a deleted thing, and 404 for one that never was"
            yield complaint(last, message)


def children_after_delete(run: Run, resource: Resource) -> Iterator[Suspicion]:
    """A thing that lies below another in its path is not there any more when the other is not."""
    if not (resource.removers and resource.readers) or not keeps(run, resource):
        return
    for child in (each for each in run.resources if each.parent is resource and keeps(run, each)):
        flow = Flow(run)
        parent = created(run, flow, resource)
        thing = _child(run, flow, child, parent[0]) if parent is not None else None
        got = read(run, flow, thing) if thing is not None else None
        if parent is None or thing is None or got is None or not got.ok:
            continue
        flow.exchanges.pop()
        if removed(run, flow, parent[0]) is None:
            continue
        after = read(run, Flow(run), parent[0])
        last = read(run, flow, thing) if after is not None and after.status in NOT_THERE else None
        if last is not None and last.ok and again(run, last).ok:
            yield complaint(last, f"got {last.status} for what lies below a deleted thing: expected 404")


def _child(run: Run, flow: Flow, resource: Resource, parent: Thing) -> Thing | None:
    """A new thing below `parent`."""
    for creator in resource.creators[:1]:
        operation = run.client.operations[creator.operation]
        if run.resources.of(operation) not in (parent.resource, resource):
            continue
        for case in (run.valid(operation.key), run.fresh(run.valid(operation.key))):
            adding = addressed(run, operation, parent, case)
            exchange = flow.send(*adding) if adding is not None else None
            if exchange is not None and exchange.ok:
                return run.things.made(resource, creator, exchange)
            if exchange is not None:
                flow.exchanges.pop()
    return None


def second_delete_documented(run: Run, resource: Resource) -> Iterator[Suspicion]:
    """Deleting what is not there gets the 404 that is documented for it."""
    if not resource.removers or len(resource.parameters) != 1:
        return
    operation = run.client.operations[resource.removers[0]]
    if not documents(operation, 404):
        return
    flow = Flow(run)
    if not resource.readers:
        yield from _deleted_twice(run, operation, resource)
        return
    thing, before = _deleted(run, flow, resource)
    if thing is None or before is None:
        return
    gone, second = read(run, Flow(run), thing), addressed(run, operation, thing)
    if gone is None or gone.status not in NOT_THERE or second is None:
        return
    last = flow.send(*second)
    if last.ok and last.status != 202:
        yield complaint(last, f"deleted twice: expected the documented 404, got {last.status}")


def _deleted_twice(run: Run, operation: Operation, resource: Resource) -> Iterator[Suspicion]:
    """The same of what cannot be read: another identifier that nothing has gets a 404."""
    flow = Flow(run)
    made = created(run, flow, resource)
    if made is None or removed(run, flow, made[0]) is None:
        return
    nowhere, second = addressed(run, operation, None), addressed(run, operation, made[0])
    if nowhere is None or second is None or run.send(*nowhere).status not in NOT_THERE:
        return
    last = flow.send(*second)
    if last.ok and last.status != 202 and again(run, last).ok:
        yield complaint(last, f"deleted twice: expected the documented 404, got {last.status}")


# -- where responses lead --------------------------------------------------------------------------------


def location_leads_somewhere(run: Run, resource: Resource) -> Iterator[Suspicion]:
    """The Location of a 201 leads to what was made."""
    for creator in resource.creators[:2] if resource.readers else ():
        flow = Flow(run)
        made = create(run, flow, resource, creator)
        url = _location(run, made[1]) if made is not None else ""
        addressing = addressed(run, run.client.operations[resource.readers[0]], made[0]) if made else None
        if made is None or not url or addressing is None:
            continue
        case = replace(addressing[0], url=url)
        got = flow.send(case, {"url": Capture(made[1].step, "$response.header.Location")})
        if got.status in NOT_THERE and again(run, got).status in NOT_THERE:
            message = f"the Location of {creator.operation} leads nowhere: got {got.status}"
            yield complaint(got, message, "Location", creator.operation)
        elif got.ok and _is_another(run, resource, made[1], got):
            message = f"the Location of {creator.operation} leads to another thing than the one that was made"
            yield complaint(got, message, "Location", creator.operation)


def _location(run: Run, exchange: SentCase) -> str:
    """Where a 201 leads, if that is on its own origin and the document says that it leads anywhere."""
    response = exchange.response
    if response is None or response.status != 201:
        return ""
    told = response.headers.get("Location", "")
    documented = run.client.operations[exchange.case.operation].response(201)
    if not told or documented is None or "location" not in (each.name.lower() for each in documented.headers):
        return ""
    url = resolved_url(response.url, told)
    return url if origin_of(url) is not None and origin_of(url) == origin_of(response.url) else ""


def _is_another(run: Run, resource: Resource, made: SentCase, got: SentCase) -> bool:
    wanted = run.things.identify(resource, body_of(made))
    found = run.things.identify(resource, body_of(got))
    return any(name in found and str(found[name][1]) != str(value) for name, (_, value) in wanted.items())


def links_lead_somewhere(run: Run, operation: Operation) -> Iterator[Suspicion]:
    """The documented links of a response lead to what is there."""
    if operation.method == "DELETE" or not any(each.links for each in operation.responses):
        return
    made = ready(run, operation)
    flow = Flow(run)
    exchange = flow.send(*made[:2]) if made is not None else None
    if exchange is None or not exchange.ok or exchange.response is None or exchange.status == 202:
        return
    for name, link in exchange.response.links.items():
        got = _followed(run, flow, exchange, link)
        if got is not None and got.status in NOT_THERE and again(run, got).status in NOT_THERE:
            message = f"the documented link {name!r} of {operation.key} leads nowhere: got {got.status}"
            yield complaint(got, message, name)


def _followed(run: Run, flow: Flow, exchange: SentCase, link: Any) -> SentCase | None:
    """What comes of a link that leads to a thing, by a safe method; None for any other."""
    if link.operation not in run.keys or link.violations or link.server:
        return None
    target = run.client.operations[link.operation]
    if target.method not in SAFE or run.resources.at(target) is None:
        return None
    names = executor_of(run.client).compiled(target.key).names.by_name
    arguments = {names[name][0].key: value for name, value in link.arguments.items() if name in names}
    wanted = {each.key for each in target.parameters if each.location == "path"}
    if not wanted <= set(arguments):
        return None
    case = run.valid(target.key)
    takes = _captures(run, exchange, link.name, names)
    linked = replace(case, arguments={**case.arguments, **arguments})
    return run.send(linked, takes, [each.step for each in flow.exchanges])


def _captures(run: Run, exchange: SentCase, name: str, names: Any) -> dict[str, Capture]:
    """The arguments of a link that its response gave."""
    response = run.client.operations[exchange.case.operation].response(exchange.status)
    if response is None:
        return {}
    node = run.client.document.opened(response.links[name])
    given = node.value.get("parameters") if isinstance(node.value, dict) else None
    return {
        names[each][0].key: Capture(exchange.step, expression)
        for each, expression in (given.items() if isinstance(given, dict) else ())
        if each in names and isinstance(expression, str) and expression.startswith("$response")
    }
