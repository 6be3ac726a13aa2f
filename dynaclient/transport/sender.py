"""One call: what its policy says is done, over whatever the bytes go through.

Those that derive from Sender do one exchange each in a way of their own: `session_sender` over a session of
requests, `given_sender` over a transport of the user's.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from time import monotonic, sleep
from typing import Any, TypeAlias

from dynaclient.errors import DeadlineExceeded, DynaclientError
from dynaclient.transport.body import BodyStream, read_body
from dynaclient.transport.deadline import Deadline, current
from dynaclient.transport.errors import PROXY_WANTS_USER, refused_by_proxy, understand
from dynaclient.transport.policy import IDLE, Fetch, Outage, Policy, Retryable, Send
from dynaclient.transport.reply import ChallengeHandler, Reply, StreamingReply
from dynaclient.transport.retries import RetryMode
from dynaclient.transport.turns import Turns, take_turn
from dynaclient.transport.url import named
from dynaclient.transport.watching import Watch, logger, observed
from dynaclient.wire.request import Request

Take = Callable[[Any, Request, Deadline, float], "Reply | StreamingReply"]

Outcome: TypeAlias = "Reply | StreamingReply | Outage"


class Sender:
    """Sends requests over what a Transport holds: `over`, a session or the like, which is given with each.

    What follows what is decided by `policy`; here it is done.
    """

    def __init__(self, policy: Policy, max_body: int, turns: Turns | None = None) -> None:
        self._policy = policy
        self._max_body = max_body
        self._turns = turns

    def whole(
        self,
        over: Any,
        request: Request,
        clock: Deadline,
        anew: ChallengeHandler | None,
        retry: RetryMode | None,
        key: str,
        watch: Watch | None,
    ) -> Reply:
        """The whole response. Raises as Transport.send."""
        reply = self._ask(over, request, clock, anew, retry, key, watch, self._whole)
        assert isinstance(reply, Reply)
        return reply

    def begun(
        self,
        over: Any,
        request: Request,
        clock: Deadline,
        anew: ChallengeHandler | None,
        retry: RetryMode | None,
        key: str,
        watch: Watch | None,
    ) -> Reply | StreamingReply:
        """As Transport.stream."""
        return self._ask(over, request, clock, anew, retry, key, watch, self._begun)

    # -- what those that derive from it say ------------------------------------------------------------

    def _pass_on(self, over: Any, request: Request, clock: Deadline) -> Any:
        """One exchange: the response, its body not read yet, with as much as a `PoolResponse` has."""
        raise NotImplementedError

    def _moved(self, request: Request, url: str, over: Any) -> Request:
        """The request to another URL of its origin."""
        return request.altered(url=url)

    def _is_of_a_proxy(self, over: Any, request: Request) -> bool:
        """Whether a 407 is one: inside TLS a proxy answers CONNECT, and not what comes after it."""
        return False

    def _outage(self, error: Exception, over: Any, request: Request, clock: Deadline) -> Outage:
        """What a failure means."""
        if isinstance(error, DynaclientError):
            return Outage(error.with_traceback(None), Retryable.NEVER)
        return understand(error, clock, named(request), by_the_user=False)

    # -- what is the same for all ----------------------------------------------------------------------

    def _ask(
        self,
        over: Any,
        request: Request,
        clock: Deadline,
        anew: ChallengeHandler | None,
        retry: RetryMode | None,
        key: str,
        watch: Watch | None,
        take: Take,
    ) -> Reply | StreamingReply:
        started = monotonic()
        moved = partial(self._moved, over=over)
        steps = self._policy.steps(request, clock, moved=moved, answers=anew is not None, retry=retry)
        if watch is not None or logger.isEnabledFor(logging.INFO):
            steps = observed(steps, key, watch)
        came: Any = None
        while True:
            try:
                step = steps.send(came)
            except StopIteration as end:
                outcome: Outcome = end.value
                break
            if isinstance(step, Send):
                if (turns := self._turns) is None:
                    came = self._attempt(over, step, clock, started, take)
                else:
                    came = self._in_turn(turns, over, step, clock, started, take)
            elif isinstance(step, Fetch):
                came = anew(step.challenge) if anew is not None else None
            else:
                sleep(step.seconds)
                came = None
        if isinstance(outcome, Outage):
            raise outcome.error
        return outcome

    def _in_turn(
        self,
        turns: Turns,
        over: Any,
        step: Send,
        clock: Deadline,
        started: float,
        take: Take,
    ) -> Outcome:
        """An attempt when its turn has come."""
        try:
            take_turn(turns, clock, named(step.request), sent=step.attempt > 0)
        except DeadlineExceeded as error:
            return Outage(error.with_traceback(None), Retryable.NEVER, untried=True)
        pause = None
        try:
            outcome = self._attempt(over, step, clock, started, take)
            pause = self._policy.pause_for_all(outcome)
            return outcome
        finally:
            turns.over(pause)

    def _attempt(self, over: Any, step: Send, clock: Deadline, started: float, take: Take) -> Outcome:
        """One exchange. A failure is returned: raised outside of `except`, it drags no request along."""
        request = step.request
        before = current.clock, current.is_short, current.is_open, current.idle
        current.clock, current.idle = clock, IDLE if self._policy.only_when_asked else None
        try:
            outcome: Outcome = self._exchange(over, request, clock, started, take)
        except Exception as error:
            outcome = self._outage(error, over, request, clock)
        finally:
            current.clock, current.is_short, current.is_open, current.idle = before
        return outcome

    def _exchange(
        self, over: Any, request: Request, clock: Deadline, started: float, take: Take
    ) -> Reply | StreamingReply:
        response = self._pass_on(over, request, clock)
        try:
            if response.status_code == PROXY_WANTS_USER and self._is_of_a_proxy(over, request):
                raise refused_by_proxy(named(request), PROXY_WANTS_USER)
            return take(response, request, clock, started)
        except BaseException:
            if response.raw is not None:
                response.close()
            raise

    def _whole(self, response: Any, request: Request, clock: Deadline, started: float) -> Reply:
        content = read_body(response, self._max_body, partial(named, request))
        elapsed = monotonic() - started
        return Reply(response.status_code, response.reason, response.headers, content, request.url, elapsed)

    def _begun(
        self, response: Any, request: Request, clock: Deadline, started: float
    ) -> Reply | StreamingReply:
        if response.status_code >= 300 or getattr(response.raw, "length_remaining", None) == 0:
            return self._whole(response, request, clock, started)
        source = BodyStream(response, clock.timeout, partial(named, request), self._max_body)
        elapsed = monotonic() - started
        return StreamingReply(
            response.status_code, response.reason, response.headers, source, request.url, elapsed
        )
