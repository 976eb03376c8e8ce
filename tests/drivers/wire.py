"""A loopback server whose every byte a test decides, and the five faces of the driver."""

import asyncio
import socket
import ssl
import struct
import threading
from collections.abc import Callable
from pathlib import Path

try:
    import uvloop
except ImportError:  # there is none for Windows
    uvloop = None

from leadgateway.drivers.aiohttp import AiohttpDriver
from leadgateway.drivers.httpx import AsyncHttpxDriver, HttpxDriver
from leadgateway.exchange import Effect, Interrupted, Request

PEM = Path(__file__).with_name("loopback.pem")
FACES = [(client, mode) for client in ("httpx", "httpx2") for mode in ("sync", "async")]
FACES.append(("aiohttp", "async"))
LOOPS = {"async": None, "uvloop": getattr(uvloop, "new_event_loop", None)}


class Line:
    """One accepted connection."""

    def __init__(self, sock: socket.socket, stop: threading.Event) -> None:
        self._sock = sock
        self._stop = stop

    @property
    def stopped(self) -> bool:
        """Whether the test is over."""
        return self._stop.is_set()

    def request(self) -> bytes:
        """One request, head and body; empty when the client hangs up."""
        got = b""
        while b"\r\n\r\n" not in got:
            piece = self._sock.recv(65536)
            if not piece:
                return b""
            got += piece
        head, _, body = got.partition(b"\r\n\r\n")
        length = 0
        for line in head.lower().split(b"\r\n"):
            if line.startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        while len(body) < length:
            body += self._sock.recv(65536)
        return head + b"\r\n\r\n" + body

    def send(self, data: bytes) -> None:
        self._sock.sendall(data)

    def answer(self, body: bytes = b"{}", *headers: str, status: str = "200 OK") -> None:
        lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
        self.send("\r\n".join(lines).encode() + body)

    def drip(self, piece: bytes, *, times: int = 400) -> None:
        """Send `piece` every 50 ms, far longer than any deadline of a test."""
        for _ in range(times):
            if self._stop.wait(0.05):
                return
            self.send(piece)

    def hang(self) -> None:
        self._stop.wait(60)

    def secure(self) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(PEM)
        self._sock = context.wrap_socket(self._sock, server_side=True)

    def reset(self) -> None:
        """Break the connection off: what was sent before still arrives, and no proper end."""
        self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._sock.close()

    def rest(self) -> int:
        """Read until the client is gone; return how many bytes came."""
        size = 0
        try:
            while piece := self._sock.recv(65536):
                size += len(piece)
        except OSError:
            pass
        return size

    def close(self) -> None:
        self._sock.close()


class Wire:
    """Serves every connection with `script` in a thread of its own."""

    def __init__(self, script: Callable[[Line], None], host: str = "127.0.0.1") -> None:
        self._script = script
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []
        self._socket = socket.create_server((host, 0))
        self.host, self.port = self._socket.getsockname()
        self.url = f"http://{self.host}:{self.port}"
        self.connections = 0
        self.requests: list[bytes] = []
        self._acceptor = threading.Thread(target=self._accept, daemon=True)
        self._acceptor.start()

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._socket.accept()
            except OSError:
                return
            if self._stop.is_set():
                sock.close()
                return
            self.connections += 1
            thread = threading.Thread(target=self._serve, args=(sock,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, sock: socket.socket) -> None:
        line = Line(sock, self._stop)
        try:
            self._script(line)
        except OSError:
            pass  # the client hung up, which many scripts provoke
        finally:
            line.close()

    def close(self) -> None:
        self._stop.set()
        with socket.create_connection((self.host, self.port)):
            self._acceptor.join(5)
        self._socket.close()
        for thread in self._threads:
            thread.join(5)


class Sender:
    """One driver of one face, called the same way whatever it is."""

    def __init__(self, client: str, mode: str, **options: object) -> None:
        self.mode = mode
        self._runner = None if mode == "sync" else asyncio.Runner(loop_factory=LOOPS[mode])
        if client == "aiohttp":
            self.driver = AiohttpDriver(**options)
        else:
            kind = AsyncHttpxDriver if self._runner else HttpxDriver
            self.driver = kind(client, **options)

    def send(self, request: Request):
        if self._runner is None:
            return self.driver.send(request)
        return self._runner.run(self.driver.send(request))

    def send_both(self, first: Request, second: Request) -> list[object]:
        """Send two requests at once; errors are returned."""
        if self._runner is not None:

            async def both() -> list[object]:
                sends = self.driver.send(first), self.driver.send(second)
                return await asyncio.gather(*sends, return_exceptions=True)

            return self._runner.run(both())
        results: list[object] = []

        def one(request: Request) -> None:
            try:
                results.append(self.driver.send(request))
            except Interrupted as error:
                results.append(error)

        threads = [threading.Thread(target=one, args=(each,)) for each in (first, second)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return results

    def close(self) -> None:
        if self._runner is None:
            self.driver.close()
        else:
            self._runner.run(self.driver.close())
            self._runner.close()


def read(url: str, **fields: object) -> Request:
    return Request("GET", url, **fields)


def write(url: str, effect: Effect = Effect.ONCE, **fields: object) -> Request:
    fields.setdefault("body", b'{"name":"Ana"}')
    return Request("POST", url, effect=effect, **fields)
