"""A token is renewed once, however many workers found it refused."""

import asyncio
import threading
from functools import partial

import pytest

from leadgateway.drivers.token import AsyncToken, Token
from leadgateway.errors import AuthError, ConfigError


class Issuer:
    """Issues token-1, token-2 and so on."""

    def __init__(self):
        self.issued = 0

    def __call__(self):
        self.issued += 1
        return f"token-{self.issued}"

    async def later(self):
        await asyncio.sleep(0)
        return self()


def test_a_text_is_the_token_and_nothing_renews_it():
    token = Token("mega.token", "abc")
    assert token() == "abc"
    assert token("abc") == "abc"


def test_a_callable_is_asked_when_needed_and_when_refused():
    issuer = Issuer()
    token = Token("mega.token", issuer)
    assert issuer.issued == 0
    assert [token(), token(), token("token-1"), token("token-1"), token()] == [
        "token-1",
        "token-1",
        "token-2",
        "token-2",
        "token-2",
    ]


def test_many_threads_renew_once():
    issuer = Issuer()
    token = Token("mega.token", issuer)
    refused = token()
    start = threading.Barrier(8)
    got = []

    def worker():
        start.wait()
        got.append(token(refused))

    threads = [threading.Thread(target=worker) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got == ["token-2"] * 8
    assert issuer.issued == 2


@pytest.mark.parametrize("kind", ["plain", "coroutine", "awaitable"])
def test_many_tasks_renew_once(kind):
    issuer = Issuer()
    source = {"plain": issuer, "coroutine": issuer.later, "awaitable": partial(issuer.later)}[kind]

    async def main():
        token = AsyncToken("mega.token", source)
        refused = await token()
        return await asyncio.gather(*(token(refused) for _ in range(8)))

    assert asyncio.run(main()) == ["token-2"] * 8
    assert issuer.issued == 2


def test_who_asks_while_the_token_is_renewed_gets_the_new_one():
    issuer = Issuer()

    async def main():
        token = AsyncToken("mega.token", issuer.later)
        renewing = asyncio.create_task(token(await token()))
        await asyncio.sleep(0)
        return await token(), await renewing

    assert asyncio.run(main()) == ("token-2", "token-2")


def test_an_async_text_is_the_token():
    async def main():
        token = AsyncToken("mega.token", "abc")
        return await token(), await token("abc")

    assert asyncio.run(main()) == ("abc", "abc")


@pytest.mark.parametrize("bad", ["", "canary\n", "can ary"])
def test_a_token_unfit_for_a_header_is_refused_by_its_setting(bad):
    for make in (lambda: Token("mega.token", bad), lambda: AsyncToken("mega.token", bad)):
        with pytest.raises(ConfigError, match=r"mega\.token"):
            make()
    with pytest.raises(ConfigError, match=r"mega\.token") as caught:
        Token("mega.token", lambda: bad)()
    assert "canary" not in str(caught.value)
    with pytest.raises(ConfigError, match=r"mega\.token"):
        asyncio.run(AsyncToken("mega.token", lambda: bad)())


def failing_once(error):
    outcomes = iter([error, "abc"])

    def source():
        outcome = next(outcomes)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    return source


def test_a_failing_renewal_names_its_setting_and_can_be_tried_again():
    token = Token("mega.token", failing_once(OSError("issuer said canary")))
    with pytest.raises(AuthError, match=r"the callable for mega\.token failed: OSError") as caught:
        token()
    assert "canary" not in str(caught.value)
    assert token() == "abc"


def test_a_failing_async_renewal_names_its_setting():
    token = AsyncToken("mega.token", failing_once(OSError("issuer said canary")))
    with pytest.raises(AuthError, match=r"mega\.token failed: OSError"):
        asyncio.run(token())


def test_an_error_of_ours_passes_as_it_is():
    error = ConfigError("The issuer's address is missing.")
    with pytest.raises(ConfigError) as caught:
        Token("mega.token", failing_once(error))()
    assert caught.value is error


@pytest.mark.parametrize("found", [None, b"abc", 7])
def test_what_is_no_text_is_no_token(found):
    with pytest.raises(ConfigError, match=r"mega\.token: its callable returned \w+, not text"):
        Token("mega.token", lambda: found)()


def test_a_token_is_not_shown():
    assert "canary" not in repr(Token("t", "canary"))
    assert "canary" not in repr(AsyncToken("t", "canary"))
