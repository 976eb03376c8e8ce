"""Virtual time: workers that take conduct's steps against a vendor, without a second passing."""

import heapq
import random
from collections import deque
from collections.abc import Callable, Generator, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count

from leadgateway.capabilities import RatePlan
from leadgateway.conduct import NeedToken, RateMeter, RetryPolicy, Send, conduct
from leadgateway.conduct.ledger import Ledger
from leadgateway.errors import LeadGatewayError
from leadgateway.exchange import Effect, Interrupted, Request, Response

START = datetime(2031, 5, 6, 7, 8, 9, tzinfo=UTC)
UNLIMITED = RatePlan()


class VirtualClock:
    """A clock that stands still until somebody waits."""

    def __init__(self, start: datetime = START) -> None:
        self.start = start
        self.elapsed = 0.0

    def now(self) -> datetime:
        return self.start + timedelta(seconds=self.elapsed)

    def monotonic(self) -> float:
        return 1000.0 + self.elapsed


class Account:
    """A shared quota in memory, by a clock that shows another time than the processes' own."""

    def __init__(self, clock: VirtualClock, skew: float = 1e9) -> None:
        self.clock, self.skew = clock, skew
        self.texts: dict[str, str] = {}
        self.draws = 0

    def draw(self, bucket, windows, wanted, ended):
        self.draws += 1
        ledger = Ledger.read(self.texts.get(bucket, ""), windows)
        drawn = ledger.draw(wanted, ended, self.clock.elapsed + self.skew)
        self.texts[bucket] = ledger.text()
        return drawn

    def silence(self, bucket, windows, seconds):
        ledger = Ledger.read(self.texts.get(bucket, ""), windows)
        ledger.silence(seconds, self.clock.elapsed + self.skew)
        self.texts[bucket] = ledger.text()


def answer(request: Request, status: int = 200, body: bytes = b"{}", **headers: str) -> Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(status, (("content-length", str(len(body))), *named.items()), body, request)


def asking(*requests: Request) -> Generator[Request, Response, list[Response]]:
    """A flow that sends `requests` and returns their answers."""
    answers = []
    for request in requests:
        answers.append((yield request))  # noqa: PERF401 - a comprehension cannot yield
    return answers


def read(bucket: str = "default", effect: Effect = Effect.READ) -> Request:
    return Request("GET", "https://vendor.example/leads", bucket=bucket, effect=effect)


def write(effect: Effect = Effect.ONCE, bucket: str = "default") -> Request:
    return Request("POST", "https://vendor.example/leads", body=b"{}", effect=effect, bucket=bucket)


class World:
    """One connection's meter, a vendor, and any number of workers in virtual time.

    A request arrives `travel` after it left, and is answered `latency` after that.
    """

    def __init__(
        self,
        vendor: Callable[[Request, float], Response | Interrupted],
        *,
        plan: RatePlan = UNLIMITED,
        policy: RetryPolicy | None = None,
        seed: int = 7,
        chance: Callable[[], float] | None = None,
        renew: Callable[[str], str] = lambda refused: refused,
        latency: float = 0.0,
        travel: Callable[[], float] = float,
    ) -> None:
        self.vendor = vendor
        self.clock = VirtualClock()
        self.meter = RateMeter(plan)
        self.policy = policy or RetryPolicy()
        self.chance = chance or random.Random(seed).random
        self.renew = renew
        self.latency = latency
        self.travel = travel
        self.token = "token-1"
        self.sent: list[tuple[float, Request]] = []
        self.waits: list[float] = []
        self.results: list[object] = []

    def conduct(self, flow, meter=None):
        return conduct(
            flow,
            authorize=lambda request, token: request.with_header("authorization", token),
            meter=meter or self.meter,
            retry=self.policy,
            clock=self.clock,
            chance=self.chance,
            vendor="vendor",
        )

    def run(
        self, requests: Iterable[Request], workers: int = 1, meters: Sequence[RateMeter] = ()
    ) -> list[object]:
        """Settle each request by one of the workers; what became of each is returned.

        The workers are shared out to `meters`, each of which is another process.
        """
        queue = deque(requests)
        agenda: list[tuple[float, int, object, object]] = []
        order = count()

        def work(meter):
            while queue:
                request = queue.popleft()
                try:
                    (result,) = yield from self.conduct(asking(request), meter)
                except LeadGatewayError as error:
                    result = error
                self.results.append(result)

        owners = meters or (self.meter,)
        for number in range(workers):
            worker = work(owners[number % len(owners)])
            heapq.heappush(agenda, (self.clock.elapsed, next(order), worker, None))
        while agenda:
            self.clock.elapsed, _, worker, reply = heapq.heappop(agenda)
            if isinstance(reply, Request):
                after, reply = self.latency, self.vendor(reply, self.clock.elapsed)
            else:
                after, reply = self.step(worker, reply)
            if after is not None:
                heapq.heappush(agenda, (self.clock.elapsed + after, next(order), worker, reply))
        return self.results

    def step(self, worker, reply):
        """Take steps until one takes time; return how much, and the reply to come."""
        while True:
            try:
                failed = isinstance(reply, Interrupted)
                step = worker.throw(reply) if failed else worker.send(reply)
            except StopIteration:
                return None, None
            if isinstance(step, NeedToken):
                if step.renew:
                    self.token = self.renew(step.refused)
                reply = self.token
            elif isinstance(step, Send):
                self.sent.append((self.clock.elapsed, step.request))
                return self.travel(), step.request
            else:
                self.waits.append(step.seconds)
                return step.seconds, None


def scripted(*outcomes: object) -> Callable[[Request, float], Response | Interrupted]:
    """A vendor that goes through `outcomes` (a status, or what `answer` takes) and stays there."""
    left = deque(outcomes)

    def vendor(request: Request, _at: float) -> Response | Interrupted:
        outcome = left.popleft() if len(left) > 1 else left[0]
        if isinstance(outcome, Interrupted):
            return outcome
        if isinstance(outcome, int):
            return answer(request, outcome)
        status, headers = outcome
        return answer(request, status, **headers)

    return vendor
