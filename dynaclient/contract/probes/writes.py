"""What was written is what is read. Suspicions: nothing says that a server must keep it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TYPE_CHECKING, Any

from dynaclient.contract.case import Case, Fault
from dynaclient.contract.coverage_cases import valid_cases
from dynaclient.contract.generation import maker
from dynaclient.contract.probes.comparing import (
    additions,
    instant,
    is_kept,
    is_same,
    items,
    same_object,
    scalars,
)
from dynaclient.contract.probes.probe import Flow, Suspicion
from dynaclient.contract.probes.sequences import (
    CONFLICT,
    DRAWN,
    NOT_THERE,
    addressed,
    body_of,
    create,
    created,
    documents,
    fullest,
    keeps,
    read,
    ready,
)
from dynaclient.contract.resources import GENERIC, plain_name
from dynaclient.document.node import Node, escape
from dynaclient.errors import Violation
from dynaclient.generation.choices import Seeded
from dynaclient.schema.summary import Outlines

if TYPE_CHECKING:
    from dynaclient.contract.flow import SentCase
    from dynaclient.contract.resources import Resource
    from dynaclient.contract.run_state import Run
    from dynaclient.contract.things import Thing
    from dynaclient.document.model import Operation

OWNED = ("version", "revision", "rev", "etag", "href", "url", "uri", "self", "links", "password", "secret")
"""Names, in plain form, of what servers set themselves, or do not show."""

UNIQUE = ("email", "mail", "username", "login", "isbn", "ean", "sku", "slug", "handle", "iban", "hostname")
"""Names, in plain form, of what identifies a thing beside its identifier."""


def _differs(exchange: SentCase, pointer: str, message: str, operation: str = "") -> Suspicion:
    return Suspicion(exchange, Violation("body", "body", pointer, message), operation)


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


# -- what is kept ----------------------------------------------------------------------------------------


@dataclass
class Ledger:
    """What was written of one resource, and what was read then, by the property.

    A property that is never read as it was written belongs to the server: only one that was kept before is
    missed where it is not kept. A server may add items to an array, but none that was written before.
    """

    resource: Resource
    kept: dict[str, list[Any]] = field(default_factory=dict)
    read: dict[str, set[str]] = field(default_factory=dict)
    written: dict[str, list[Any]] = field(default_factory=dict)
    lost: list[tuple[SentCase, str, dict[str, tuple[str, Any, Any]]]] = field(default_factory=list)

    def note(self, key: str, sent: Any, got: SentCase) -> None:
        """Note a body that was sent with the operation `key`, and the reading after it."""
        if not isinstance(sent, dict):
            return
        pointer, held = same_object(sent, body_of(got))
        lost: dict[str, tuple[str, Any, Any]] = {}
        for name, value in sent.items():
            if plain_name(name) in OWNED or any(self.resource.is_called(p, name) for p in self.resource.own):
                continue
            if name in held:
                self.read.setdefault(name, set()).add(repr(held[name]))
            if (
                name in held
                and is_kept(value, held[name])
                and not self._is_left_over(name, value, held[name])
            ):
                if not any(is_same(value, each) for each in self.kept.get(name, ())):
                    self.kept.setdefault(name, []).append(value)
            elif name in held or value not in (None, "", False, 0, [], {}):
                lost[name] = (f"{pointer}/{escape(name)}", value, held.get(name))
            self.written.setdefault(name, []).extend(items(value))
        if lost:
            self.lost.append((got, key, lost))

    def _is_left_over(self, name: str, sent: Any, read: Any) -> bool:
        """Whether an array that is read has items of an earlier body."""
        written = self.written.get(name, ())
        return any(is_same(each, old) for each in additions(sent, read) for old in written)

    def suspicions(self) -> Iterator[Suspicion]:
        """What was written and is not read, one for each operation that writes."""
        told = set()
        for got, key, lost in self.lost:
            certain = [name for name in lost if self._is_kept_elsewhere(name)]
            if certain and key not in told:
                told.add(key)
                pointer, sent, held = lost[certain[0]]
                rest = f", nor {', '.join(certain[1:4])}" if certain[1:] else ""
                message = f"{key} wrote {_shown(sent)}, read was {_shown(held)}: it is not kept{rest}"
                yield _differs(got, pointer, message, key)

    def _is_kept_elsewhere(self, name: str) -> bool:
        kept = self.kept.get(name, [])
        return len(kept) > 1 or (len(self.read.get(name, ())) > 1 and any(_is_telling(each) for each in kept))


def _is_telling(value: Any) -> bool:
    """Whether a value is none that a server would have by itself."""
    if isinstance(value, bool) or value is None:
        return False
    if isinstance(value, (int, float)):
        return abs(value) > 1
    return len(value) > 3 if isinstance(value, str) else bool(value)


def written_is_read(run: Run, resource: Resource) -> Iterator[Suspicion]:
    """What POST, PUT and PATCH wrote is what GET reads, less what the server adds."""
    if not resource.readers or not keeps(run, resource):
        return
    ledger = Ledger(resource)
    for creator in resource.creators[:2]:
        for case in _bodies(run, creator.operation):
            flow = Flow(run)
            made = create(run, flow, resource, creator, case)
            if made is not None:
                _note(run, ledger, flow, made[0], made[1])
    for key in (*resource.replacers[:1], *resource.patchers[:1]):
        for case in (fullest(run, key), run.valid(key), _least(run, key)):
            flow = Flow(run)
            made = created(run, flow, resource)
            wrote = _write(run, flow, key, made[0], case) if made else None
            if made is not None and wrote is not None:
                _note(run, ledger, flow, made[0], wrote)
    yield from ledger.suspicions()


def _note(run: Run, ledger: Ledger, flow: Flow, thing: Thing, wrote: SentCase) -> None:
    got = read(run, flow, thing)
    if got is not None and got.ok:
        ledger.note(wrote.case.operation, wrote.case.body, got)


def _write(run: Run, flow: Flow, key: str, thing: Thing, case: Case) -> SentCase | None:
    """Change a thing; None where that did not succeed, or is not done yet."""
    made = addressed(run, run.client.operations[key], thing, case)
    exchange = flow.send(*made) if made is not None else None
    if made is not None and exchange is not None and exchange.status == CONFLICT:
        flow.exchanges.pop()
        exchange = flow.send(run.fresh(made[0]), made[1])
    return exchange if exchange is not None and exchange.ok and exchange.status != 202 else None


def _bodies(run: Run, key: str) -> Iterator[Case]:
    """Bodies to write: a full one, another, and one with the longest texts."""
    if run.client.operations[key].body is None:
        return
    yield fullest(run, key)
    yield run.valid(key, optional=True)
    yield _least(run, key)
    longest = _longest(run, key, run.valid(key, optional=True))
    if longest is not None:
        yield longest


def _least(run: Run, key: str) -> Case:
    """A full body whose flags are off, where the document allows it."""
    case = fullest(run, key)
    for name, value in case.body.items() if isinstance(case.body, dict) else ():
        if value is True:
            made = replace(case, body={**case.body, name: False})
            case = case if made.violations(run.client) else made
    return case


def _longest(run: Run, key: str, base: Case) -> Case | None:
    """`base` with each text of its body as long as the document allows."""
    if not isinstance(base.body, dict):
        return None
    body = dict(base.body)
    for case in islice(valid_cases(maker(run.client), key, base), 60):
        if "longest" in case.reason and isinstance(case.body, dict):
            changed = {name: value for name, value in case.body.items() if value != base.body.get(name)}
            body.update({n: v for n, v in changed.items() if isinstance(v, str) and len(v) <= 1000})
    case = replace(base, body=body)
    return case if body != base.body and not case.violations(run.client) else None


def patch_keeps_the_rest(run: Run, resource: Resource) -> Iterator[Suspicion]:
    """PATCH changes what it names and nothing else."""
    if not (resource.patchers and resource.readers) or not keeps(run, resource):
        return
    key = resource.patchers[0]
    for creator in resource.creators[:2]:
        flow = Flow(run)
        made = create(run, flow, resource, creator, fullest(run, creator.operation))
        if made is None or not isinstance(made[1].case.body, dict):
            continue
        before = read(run, flow, made[0])
        sent = made[1].case.body
        for case in _single(run, key):
            wrote = _write(run, flow, key, made[0], case) if before is not None and before.ok else None
            got = read(run, flow, made[0]) if wrote is not None else None
            if wrote is None or got is None or not got.ok:
                continue
            pointer, old = same_object(sent, body_of(before))
            _, new = same_object(sent, body_of(got))
            for name, value in sent.items():
                was_kept = name in old and is_kept(value, old[name]) and value not in (None, "", [], {})
                if was_kept and name not in wrote.case.body and not is_same(old[name], new.get(name)):
                    message = (
                        f"{key} did not name it; it was {_shown(old[name])}, and is {_shown(new.get(name))}"
                    )
                    yield _differs(got, f"{pointer}/{escape(name)}", message, key)
                    return
            return


def _single(run: Run, key: str) -> Iterator[Case]:
    """Patches of one property each."""
    full = fullest(run, key)
    for name, value in full.body.items() if isinstance(full.body, dict) else ():
        case = replace(full, body={name: value})
        if not isinstance(value, (dict, list)) and not case.violations(run.client):
            yield case


# -- readOnly --------------------------------------------------------------------------------------------


def read_only_is_kept(run: Run, resource: Resource) -> Iterator[Suspicion]:
    """A readOnly property in a request does not change it (OpenAPI: it should not be sent)."""
    if not resource.readers or not keeps(run, resource):
        return
    writers = [run.client.operations[key] for key in (*resource.replacers[:1], *resource.patchers[:1])]
    for operation in writers:
        flow = Flow(run)
        made = created(run, flow, resource)
        before = read(run, flow, made[0]) if made is not None else None
        if made is not None and before is not None and before.ok:
            yield from _overwritten(run, flow, operation, made[0], before)
    for creator in resource.creators[:1]:
        if not creator.chosen:
            yield from _chosen(run, resource, creator)


def _read_only(run: Run, operation: Operation) -> dict[str, Node]:
    """The readOnly properties of the JSON body of an operation, less identifiers."""
    outlines = Outlines(run.client.document)
    found: dict[str, Node] = {}
    for media in (operation.body.content if operation.body is not None else {}).values():
        properties = outlines.of(media.schema).properties if media.schema is not None else {}
        for name, node in properties.items():
            if outlines.of(node).plain.get("readOnly") is True and plain_name(name) not in GENERIC:
                found[name] = node
    return found


def _other(run: Run, node: Node, value: Any) -> Any:
    """Another value than `value` for a readOnly property; None where there is none that tells."""
    if instant(value) is not None:
        return "2001-02-03" if len(value) == 10 else "2001-02-03T04:05:06Z"
    drawn = [maker(run.client).values.value(node, Seeded(seed)) for seed in range(4)]
    return next((each for each in drawn if _is_telling(each) and not is_same(each, value)), None)


def _overwritten(
    run: Run, flow: Flow, operation: Operation, thing: Thing, before: SentCase
) -> Iterator[Suspicion]:
    case = run.valid(operation.key)
    if not isinstance(case.body, dict):
        return
    names = _read_only(run, operation)
    pointer, held = same_object({**case.body, **names}, body_of(before))
    others = {name: _other(run, node, held[name]) for name, node in names.items() if name in held}
    for name, value in others.items():
        if value is None:
            continue
        body = {**case.body, name: value}
        fault = Fault("body", "body", f"/{escape(name)}", "readOnly", "a readOnly property was sent")
        wrote = _write(run, flow, operation.key, thing, replace(case, body=body, fault=fault))
        got = read(run, flow, thing) if wrote is not None else None
        if got is not None and got.ok:
            _, new = same_object(body, body_of(got))
            if is_same(new.get(name), value) and not is_same(held[name], value):
                message = f"{operation.key} changed it to {_shown(value)}, though it is readOnly"
                yield _differs(got, f"{pointer}/{escape(name)}", message, operation.key)
                return


def _chosen(run: Run, resource: Resource, creator: Any) -> Iterator[Suspicion]:
    """A readOnly property that the one who makes a thing could choose."""
    operation = run.client.operations[creator.operation]
    for name, node in _read_only(run, operation).items():
        case = run.valid(operation.key)
        value = _other(run, node, "2000-01-01T00:00:00Z" if _is_moment(run, node) else None)
        if not isinstance(case.body, dict) or value is None:
            continue
        flow, fault = Flow(run), Fault("body", "body", f"/{escape(name)}", "readOnly", "it is readOnly")
        made = create(
            run, flow, resource, creator, replace(case, body={**case.body, name: value}, fault=fault)
        )
        got = read(run, flow, made[0]) if made is not None else None
        if got is not None and got.ok:
            pointer, new = same_object({**case.body, name: value}, body_of(got))
            if is_same(new.get(name), value):
                message = f"{operation.key} set it to {_shown(value)}, though it is readOnly"
                yield _differs(got, f"{pointer}/{escape(name)}", message, operation.key)
                return


def _is_moment(run: Run, node: Node) -> bool:
    return Outlines(run.client.document).of(node).plain.get("format") == "date-time"


# -- identity --------------------------------------------------------------------------------------------


def reads_agree(run: Run, resource: Resource) -> Iterator[Suspicion]:
    """Reads of a thing with nothing between them agree: a value that changed does not come back."""
    if not resource.readers or not keeps(run, resource):
        return
    flow = Flow(run)
    made = created(run, flow, resource)
    if made is None:
        return
    seen = []
    for _ in range(4):
        got = read(run, flow, made[0])
        if got is None or not got.ok:
            return
        seen.append(dict(scalars(body_of(got))))
    for pointer in seen[0]:
        values = [each.get(pointer) for each in seen]
        changed = next((n for n, each in enumerate(values) if each != values[0]), None)
        if changed is not None and values[0] in values[changed + 1 :] and instant(values[0]) is None:
            shown = ", ".join(map(_shown, values))
            yield _differs(flow.exchanges[-1], pointer, f"four reads with nothing between them gave {shown}")
            return


def creation_says_201(run: Run, resource: Resource) -> Iterator[Suspicion]:
    """A PUT that makes something says so, where 201 is documented (RFC 9110, PUT)."""
    for creator in resource.creators:
        operation = run.client.operations[creator.operation]
        if not creator.chosen or not documents(operation, 201) or not keeps(run, resource):
            continue
        arrangement = run.things.arrange_for_making(operation, resource, creator)
        if arrangement is None or arrangement.origin not in ("free", "made") or not resource.readers:
            continue
        flow = Flow(run)
        case, takes = arrangement.applied(run.valid(operation.key))
        reader = run.client.operations[resource.readers[0]]
        nothing = replace(run.valid(reader.key), arguments={**run.valid(reader.key).arguments, **_path(case)})
        if flow.send(nothing, takes).status not in NOT_THERE:
            continue
        put = flow.send(case, takes)
        if put.ok and put.status not in (201, 202) and run.send(nothing, takes).ok:
            message = f"a PUT made something: expected the documented 201, got {put.status}"
            yield Suspicion(put, Violation("status", str(put.status), "", message))


def _path(case: Case) -> dict[str, Any]:
    return {key: value for key, value in case.arguments.items() if key.startswith("path.")}


def duplicate_refused(run: Run, operation: Operation) -> Iterator[Suspicion]:
    """The same POST twice gets the 409 that is documented for what is there already."""
    if operation.method != "POST" or operation.body is None or not documents(operation, 409):
        return
    if not any(keeps(run, each) for each in run.resources.made_by(operation) if each.readers):
        return
    drawn = (run.valid(operation.key, optional=bool(n)) for n in range(DRAWN))
    wanted = next((each for each in drawn if _is_identifying(operation, each.body)), None)
    made = ready(run, operation, case=wanted) if wanted is not None else None
    if made is None:
        return
    flow = Flow(run)
    case, takes, _ = made
    first = flow.send(case, takes)
    if first.status == 409:
        flow = Flow(run)
        case = run.fresh(case)
        first = flow.send(case, takes)
    if not first.ok or first.status == 202:
        return
    second = flow.send(case, takes)
    if second.ok and second.status != 202 and second.status == first.status and _are_two(run, first, second):
        message = f"the same request twice: expected the documented 409, got {second.status}"
        yield Suspicion(second, Violation("status", "409", "", message))


def _is_identifying(operation: Operation, body: Any) -> bool:
    """Whether a body has something that no other thing may have."""
    if not isinstance(body, dict):
        return False
    response = operation.response(409)
    said = response.description.lower() if response is not None else ""
    told = any(word in said for word in ("exist", "already", "duplicate", "unique", "taken"))
    names = {plain_name(name) for name, value in body.items() if isinstance(value, str) and value}
    return bool(names & set(UNIQUE)) or (
        told and bool(names & {"name", "code", "key", "identifier", "number"})
    )


def _are_two(run: Run, first: SentCase, second: SentCase) -> bool:
    """Whether two responses tell of two things: a server may give what is there already."""
    return not is_same(body_of(first), body_of(second)) or not body_of(first)


def if_match_holds(run: Run, operation: Operation) -> Iterator[Suspicion]:
    """What is to be changed only as it was read is not changed otherwise (RFC 9110, If-Match)."""
    headers = (each for each in operation.parameters if each.location == "header")
    condition = next((each for each in headers if each.name.lower() == "if-match"), None)
    if condition is None or not documents(operation, 412) or operation.method not in ("PUT", "PATCH"):
        return
    make = maker(run.client)
    tag = next((each for each in NO_TAGS if make.fits(operation, condition, each)), None)
    made = ready(run, operation) if tag is not None else None
    if made is None or made[2] is None:
        return
    case, takes, _ = made
    other = run.valid(operation.key, optional=True)
    if other.body == case.body or not run.send(case, takes).ok:
        return
    arguments = {**case.arguments, condition.key: tag}
    got = run.send(replace(case, arguments=arguments, body=other.body), takes)
    if got.ok:
        message = f"If-Match: {tag} is no tag that was given: expected the documented 412, got {got.status}"
        yield Suspicion(got, Violation("header", condition.name, "", message))


NO_TAGS = ('"dynaclient-no-tag"', '"f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff"')
"""Entity tags that no thing has."""


def identifiers_differ(run: Run, resource: Resource) -> Iterator[Suspicion]:
    """Two things that are made get two identifiers."""
    for creator in resource.creators[:1]:
        if creator.chosen:
            return
        flow = Flow(run)
        before: tuple[Thing, SentCase] | None = None
        for _ in range(3):
            made = create(run, flow, resource, creator)
            if made is None or made[1].status != 201:
                return
            if before is not None and dict(before[0].values) == dict(made[0].values):
                one, other = before[1].case.body, made[1].case.body
                if one != other and not _is_in(other, made[0].values):
                    name, value = next(iter(made[0].values.items()))[0], list(made[0].values.values())[-1]
                    message = f"two that were made one after the other are both called {_shown(value)}"
                    yield _differs(made[1], "", f"{message} ({name})")
                    return
            before = made


def _is_in(body: Any, values: Mapping[str, Any]) -> bool:
    """Whether the one who makes a thing named it."""
    return any(value == each for _, value in scalars(body) for each in values.values())


def etag_changes(run: Run, resource: Resource) -> Iterator[Suspicion]:
    """The ETag changes when what is read does, where it is documented (RFC 9110, ETag)."""
    if not resource.readers or not keeps(run, resource):
        return
    reader = run.client.operations[resource.readers[0]]
    if not any(h.name.lower() == "etag" for each in reader.responses for h in each.headers):
        return
    for key in (*resource.replacers[:1], *resource.patchers[:1]):
        flow = Flow(run)
        made = created(run, flow, resource)
        before = read(run, flow, made[0]) if made is not None else None
        wrote = _write(run, flow, key, made[0], fullest(run, key)) if made is not None else None
        got = read(run, flow, made[0]) if made is not None and wrote is not None else None
        if before is None or got is None or not (before.ok and got.ok):
            continue
        tags = [each.response.headers.get("ETag") for each in (before, got) if each.response is not None]
        if tags[0] and tags[0] == tags[1] and not is_same(body_of(before), body_of(got)):
            message = f"what is read has changed, the ETag is still {tags[0]}"
            yield Suspicion(got, Violation("header", "ETag", "", message))
            return
