"""A server whose target says how it fails: `/NAME OF A FAULT/NUMBER`; `/right/NUMBER` does not fail."""

from __future__ import annotations

import socket
import threading
from collections import Counter
from typing import Any
from urllib.parse import unquote

from tests.faults.catalogue import FAULTS, Asked, right
from tests.servers import RawServer, Recorded, end


class FaultServer:
    """`arrived` counts requests by method and number, wherever they were led, `strayed` those elsewhere."""

    def __init__(self) -> None:
        self.arrived: Counter[tuple[str, int]] = Counter()
        self._lock = threading.Lock()
        self._main = _Counting(self)
        self._other = RawServer()
        self.url = self._main.url

    def __enter__(self) -> FaultServer:
        self._main.__enter__()
        self._other.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._main.close()
        self._other.close()

    @property
    def strayed(self) -> int:
        """Requests that were led to another port."""
        return len(self._other.requests)

    def settle(self) -> None:
        """Wait until all answers that were begun are through, or their connections gone."""
        with self._main.idle:
            self._main.idle.wait_for(lambda: self._main.busy == 0, 10)

    def answer(self, name: str, method: str, n: int) -> Any:
        """What is sent; the request is counted."""
        with self._lock:
            self.arrived[method, n] += 1
        if name == "right":
            return right(n)
        return FAULTS[name].answer(Asked(method, n, self._main.url, self._other.url))


class _Counting(RawServer):
    """Counts requests, and keeps none of them. `busy`: answers that are not through, or not closed behind."""

    def __init__(self, faults: FaultServer) -> None:
        super().__init__()
        self._faults = faults
        self._ending: set[int] = set()
        self.busy = 0
        self.idle = threading.Condition()

    def _serve(self, plain: socket.socket, number: int) -> None:
        super()._serve(plain, number)
        if number in self._ending:
            self._ending.discard(number)
            self._is_busy(-1)

    def _answer(self, sock: socket.socket, request: Recorded) -> bool:
        self._is_busy(1)
        self._ending.add(request.connection)
        _, name, n, *_ = request.target.split("/")
        answer = self._faults.answer(unquote(name), request.method, int(n))
        if not self._put(sock, [answer] if isinstance(answer, bytes) else answer):
            return False
        self._ending.discard(request.connection)
        self._is_busy(-1)
        return True

    def _is_busy(self, more: int) -> None:
        with self.idle:
            self.busy += more
            self.idle.notify_all()


class Shut(RawServer):
    """Ends a connection before it reads of it: by `how`, or there is nobody at all."""

    def __init__(self, how: object) -> None:
        super().__init__()
        self._how = how

    def __enter__(self) -> Shut:
        if self._how is None:
            self._listener.close()
            return self
        super().__enter__()
        return self

    def _serve(self, plain: socket.socket, number: int) -> None:
        end(plain, self._how)
        plain.close()
        with self._lock:
            self._open.discard(plain)
