"""The simulator as a raw ASGI application: reads a request, spoils or answers it, counts it."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Awaitable, Callable, MutableMapping
from email.utils import formatdate
from typing import Any, TypeAlias

import orjson

from leadgateway.simulator.faults import Fault, Faults
from leadgateway.simulator.messages import Answer, Call, Refusal
from leadgateway.simulator.simulator import Simulator

Scope: TypeAlias = MutableMapping[str, Any]
Event: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Event]]
Send: TypeAlias = Callable[[Event], Awaitable[None]]

CONTROL = "/_simulator/"
_ROWS_A_CHUNK = 500
_RECENT = 200


class Application:
    """One simulator behind ASGI, with its control paths beside the vendor's.

    GET, POST, DELETE /_simulator/leads: dump, load (JSON lines), empty the connected tenant
    GET, DELETE /_simulator/requests: counts by method, template and status; the last targets
    POST, DELETE /_simulator/faults: put a fault in force (see `Fault`), lift them all
    """

    def __init__(self, simulator: Simulator) -> None:
        self.simulator = simulator
        self.faults = Faults()
        self.counts: Counter[tuple[str, str, int]] = Counter()
        self.recent: deque[str] = deque(maxlen=_RECENT)
        self._date = (0, b"")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        body = await _read(receive)
        call = self._call(scope, body)
        if call.path.startswith(CONTROL):
            await self._control(call, send)
            return
        match = self.simulator.match(call)
        template = "" if isinstance(match, Refusal) else match.route.template
        fault = self.faults.strike(call.method, template, call.path)
        if fault is not None and fault.delay:
            try:
                await asyncio.sleep(fault.delay)
            except asyncio.CancelledError:  # the simulator ends before the answer is due
                await _hang_up(scope, receive)
                return
        executed = fault is None or fault.after
        answer = self.simulator.answer(call, match) if executed else None
        if fault is not None:
            if fault.raw is not None:
                self._count(call, template, 0)
                await _break(scope, receive, fault)
                return
            answer = fault.spoil(answer)
        assert answer is not None  # noqa: S101 - either executed or spoilt
        self._count(call, template, answer.status)
        await self._send(answer, call, send)

    def _call(self, scope: Scope, body: bytes) -> Call:
        return Call(
            scope["method"],
            scope["raw_path"].decode("latin-1"),
            scope["query_string"].decode("latin-1"),
            {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]},
            body,
            self.simulator.clock(),
        )

    def _count(self, call: Call, template: str, status: int) -> None:
        self.counts[call.method, template, status] += 1
        query = f"?{call.query_string}" if call.query_string else ""
        self.recent.append(f"{call.method} {call.path}{query} {status}")

    async def _send(self, answer: Answer, call: Call, send: Send) -> None:
        second = int(call.at.timestamp())
        if self._date[0] != second:
            self._date = (second, formatdate(second, usegmt=True).encode("ascii"))
        headers = {
            b"content-type": b"application/json",
            b"content-length": str(len(answer.body)).encode("ascii"),
            b"date": self._date[1],
        }
        for name, value in answer.headers:
            headers[name.lower().encode("latin-1")] = value.encode("latin-1")
        await send(
            {
                "type": "http.response.start",
                "status": answer.status,
                "headers": list(headers.items()),
            }
        )
        await send({"type": "http.response.body", "body": answer.body})

    async def _control(self, call: Call, send: Send) -> None:
        wanted = (call.method, call.path.removeprefix(CONTROL))
        if wanted == ("GET", "leads"):
            await self._dump(send)
            return
        await self._send(self._steer(wanted, call.body), call, send)

    def _steer(self, wanted: tuple[str, str], body: bytes) -> Answer:
        try:
            match wanted:
                case ("POST", "leads"):
                    rows = [_object(line) for line in body.splitlines() if line.strip()]
                    return Answer.of(200, {"loaded": self.simulator.load(rows)})
                case ("DELETE", "leads"):
                    self.simulator.empty()
                case ("GET", "requests"):
                    return Answer.of(200, self._requests())
                case ("DELETE", "requests"):
                    self.counts.clear()
                    self.recent.clear()
                case ("POST", "faults"):
                    self.faults.add(Fault.read(_object(body)))
                case ("DELETE", "faults"):
                    self.faults.clear()
                case _:
                    return Answer.of(404, {"error": "no such control"})
        except ValueError as problem:
            return Answer.of(400, {"error": str(problem)})
        return Answer.of(200, {})

    def _requests(self) -> dict[str, object]:
        return {
            "total": self.counts.total(),
            "counts": [
                {"method": method, "path": template, "status": status, "count": count}
                for (method, template, status), count in self.counts.items()
            ],
            "recent": list(self.recent),
        }

    async def _dump(self, send: Send) -> None:
        headers = [(b"content-type", b"application/x-ndjson")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        lines: list[bytes] = []
        for row in list(self.simulator.tenant.leads):
            lines.append(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE))
            if len(lines) == _ROWS_A_CHUNK:
                chunk = b"".join(lines)
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
                lines.clear()
        await send({"type": "http.response.body", "body": b"".join(lines)})


async def _read(receive: Receive) -> bytes:
    event = await receive()
    if not event.get("more_body"):
        return bytes(event.get("body", b""))
    parts = [event["body"]]
    while event.get("more_body"):
        event = await receive()
        parts.append(event.get("body", b""))
    return b"".join(parts)


async def _break(scope: Scope, receive: Receive, fault: Fault) -> None:
    scope["state"]["transport"].write((fault.raw or "").encode("latin-1"))
    await _hang_up(scope, receive)


async def _hang_up(scope: Scope, receive: Receive) -> None:
    scope["state"]["transport"].close()
    await receive()  # returns when the connection is gone: the server must not answer before


def _object(line: bytes) -> dict[str, Any]:
    value = orjson.loads(line)
    if not isinstance(value, dict):
        raise ValueError("each line must be one JSON object")  # noqa: TRY004 - one error for all bad input
    return value
