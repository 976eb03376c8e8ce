"""Where a request must never go and what must never be sent or shown: table S."""

import logging
import traceback

import pytest
from tests.drivers.wire import Sender, read, write

from leadgateway.drivers.httpx import AsyncHttpxDriver, HttpxDriver
from leadgateway.errors import BadResponse, ConfigError, LeadGatewayError, OutcomeUnknown, UnsafeURL
from leadgateway.exchange import Effect, Interrupted

SECRET = "canary-token-7f3a"
PERSON = "Canária Pérola"


def redirecting(target, status="302 Found"):
    def script(line):
        while line.request():
            line.answer(b"", f"Location: {target}", status=status)

    return script


def plain(line):
    while line.request():
        line.answer()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("effect", [Effect.ONCE, Effect.KEYED])
def test_a_write_is_never_redirected(wire, sender, status, effect):
    other = wire(plain, host="127.0.0.2")
    server = wire(redirecting(f"{other.url}/leads?token=x", f"{status} Elsewhere"))
    with pytest.raises(OutcomeUnknown, match=r"to http://127\.0\.0\.2, which") as caught:
        sender().send(write(f"{server.url}/leads", effect))
    assert caught.value.status == status
    assert "token" not in str(caught.value)
    assert other.connections == 0


def test_a_write_is_not_redirected_on_its_own_host_either(wire, sender):
    server = wire(redirecting("/elsewhere"))
    with pytest.raises(OutcomeUnknown, match="on the same host, which is not followed"):
        sender().send(write(server.url))


def test_a_get_that_writes_is_not_redirected(wire, sender):
    server = wire(redirecting("/elsewhere"))
    with pytest.raises(OutcomeUnknown, match="not followed"):
        sender().send(read(server.url, effect=Effect.ONCE))


def test_a_read_by_post_is_not_redirected(wire, sender):
    server = wire(redirecting("//127.0.0.2/x"))
    with pytest.raises(BadResponse, match="a redirect, which is not followed"):
        sender().send(write(server.url, Effect.READ))


def test_a_read_is_not_led_to_another_host(wire, sender):
    other = wire(plain, host="127.0.0.2")
    server = wire(redirecting(f"{other.url}/leads?secret=1"))
    with pytest.raises(UnsafeURL, match=r"http://127\.0\.0\.2, another origin") as caught:
        sender().send(read(server.url))
    assert "secret" not in str(caught.value)
    assert other.connections == 0


def test_a_read_is_not_led_to_another_port(wire, sender):
    other = wire(plain)
    with pytest.raises(UnsafeURL):
        sender().send(read(wire(redirecting(other.url)).url))
    assert other.connections == 0


@pytest.mark.parametrize(
    "target",
    [
        "https://127.0.0.1/",
        "//127.0.0.2/",
        "\\\\127.0.0.2\\",
        "http://user:pw@127.0.0.2/",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "http://[::1",
        "http://127.0.0.1:99999/",
        "http://127.0.0.2/../admin",
    ],
)
def test_a_read_is_not_led_out_of_its_origin(wire, sender, target):
    server = wire(redirecting(target))
    with pytest.raises(UnsafeURL):
        sender().send(read(server.url))
    assert server.connections == 1


def hops(count):
    def script(line):
        while got := line.request():
            step = int(got.split(b" ")[1].rsplit(b"/", 1)[1])
            if step == count:
                line.answer(b"arrived")
            else:
                line.answer(b"", f"Location: /hop/{step + 1}", status="307 Temporary Redirect")

    return script


def test_a_read_follows_three_redirects_on_its_origin(wire, sender):
    server = wire(hops(3))
    request = read(f"{server.url}/hop/0", headers=(("authorization", "Bearer t"),))
    response = sender().send(request)
    assert response.body == b"arrived"
    assert response.request is request


def test_a_fourth_redirect_and_a_loop_are_refused(wire, sender):
    with pytest.raises(BadResponse, match="more than 3 redirects"):
        sender().send(read(f"{wire(hops(4)).url}/hop/0"))
    with pytest.raises(BadResponse, match="more than 3 redirects"):
        sender().send(read(wire(redirecting("/")).url))


def test_a_redirect_without_an_address_is_an_answer(wire, sender):
    def script(line):
        line.request()
        line.answer(b"{}", status="302 Found")

    assert sender().send(read(wire(script).url)).status == 302


@pytest.mark.parametrize(
    "value", ["a\rb", "a\nb", "a\x00b", "é", "x" * 9000, " canary", "canary ", "", "a\tb", "a\x7f"]
)
def test_a_header_that_cannot_be_sent_is_refused_before_any_connection(wire, sender, value):
    server = wire(plain)
    with pytest.raises(ConfigError, match="x-customer-id") as caught:
        sender().send(read(server.url, headers=(("x-customer-id", value),)))
    assert server.connections == 0
    assert not value.strip() or value not in str(caught.value)


@pytest.mark.parametrize("name", ["", "a b", "a:b", "a\r\nb", "é"])
def test_a_header_name_that_is_no_token_is_refused(wire, sender, name):
    server = wire(plain)
    with pytest.raises(ConfigError):
        sender().send(read(server.url, headers=((name, "v"),)))
    assert server.connections == 0


@pytest.mark.parametrize("name", ["Host", "Content-Length", "transfer-encoding", "Connection"])
def test_framing_headers_are_the_drivers_own(wire, sender, name):
    server = wire(plain)
    with pytest.raises(ConfigError, match=name.lower()):
        sender().send(read(server.url, headers=((name, "1"),)))
    assert server.connections == 0


@pytest.mark.parametrize("url", ["ftp://x/", "http://u:p@127.0.0.1/", "//x", "http://a/\r\n", ""])
def test_an_address_that_is_not_plain_http_is_refused(sender, url):
    with pytest.raises(UnsafeURL):
        sender().send(read(url))


def test_a_parameter_that_is_no_text_is_refused(sender):
    with pytest.raises(UnsafeURL):
        sender().send(read("http://127.0.0.1/", params=(("q", "\ud800"),)))


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_a_host_the_client_cannot_write_is_a_setting_to_mend(mode):
    driver = Sender("httpx", mode)
    try:
        with pytest.raises(ConfigError, match="cannot be written") as caught:
            driver.send(read("http://xn--zz-.example/"))
    finally:
        driver.close()
    assert held(caught.value) == []


def test_an_address_too_long_for_any_server_is_refused(sender):
    with pytest.raises(UnsafeURL, match="longer than"):
        sender().send(read("http://127.0.0.1/", params=(("cursor", "x" * 40_000),)))


def test_the_environment_chooses_no_proxy(wire, sender, monkeypatch):
    proxy = wire(plain)
    server = wire(plain)
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, proxy.url)
    assert sender().send(read(server.url)).status == 200
    assert proxy.connections == 0


def test_a_proxy_is_used_when_asked_for(wire, sender):
    lines = []

    def script(line):
        while got := line.request():
            lines.append(got)
            line.answer(b"by proxy")

    proxy = wire(script)
    driver = sender(proxy=proxy.url)
    assert driver.send(read("http://leads.invalid/x")).body == b"by proxy"
    assert lines[0].startswith(b"GET http://leads.invalid/x HTTP/1.1\r\n")


@pytest.mark.parametrize("kind", [HttpxDriver, AsyncHttpxDriver])
def test_wrong_options_are_refused_by_name(kind, monkeypatch):
    with pytest.raises(ConfigError, match="proxy"):
        kind(proxy="socks5://user:hidden@127.0.0.1")
    with pytest.raises(ConfigError, match="httpx, httpx2"):
        kind("requests")
    monkeypatch.setitem(__import__("sys").modules, "httpx2", None)
    with pytest.raises(ConfigError, match=r"pip install 'leadgateway\[httpx2\]'"):
        kind("httpx2")


def faults(wire):
    """Servers that end an exchange in every way it can end."""

    def silent(line):
        line.request()

    def hanging(line):
        line.request()
        line.hang()

    def echoing(line):
        got = line.request()
        line.answer(got, f"X-Echo: {SECRET}", status="500 Oops")

    def coded(line):
        line.request()
        line.answer(SECRET.encode(), "Content-Encoding: br")

    def crowded(line):
        line.request()
        line.answer(b"", *[f"X-{SECRET}: 1"] * 300)

    def garbled(line):
        line.request()
        line.send(f"HTTP/1.1 200 OK\r\nX-A: {SECRET}\x00\r\n\r\n".encode())

    def untrusted(line):
        line.secure()

    urls = [wire(script).url for script in (silent, hanging, echoing, coded, crowded, garbled)]
    urls.append(wire(redirecting(f"http://127.0.0.2/?token={SECRET}")).url)
    urls.append(wire(untrusted).url.replace("http:", "https:"))
    urls.append("http://127.0.0.1:1/")
    urls.append("http://xn--a_b-.example/")
    urls.append("")
    return urls


def outcome(driver, request):
    """Everything that anybody could print of what became of a request."""
    try:
        return [repr(driver.send(request))]
    except (LeadGatewayError, Interrupted) as error:
        return [repr(error), repr(error.__dict__), *traceback.format_exception(error), *held(error)]


def held(error):
    """The errors that an error keeps alive, printed or not: loggers and debuggers show them."""
    return [repr(each) for each in (error.__cause__, error.__context__) if each is not None]


def test_no_client_error_is_kept_alive(wire, sender):
    driver = sender(deadline=0.5)
    for url in (faults(wire)[0], "http://127.0.0.1:1/"):
        with pytest.raises(Interrupted) as caught:
            driver.send(read(url))
        assert held(caught.value) == []


def test_no_secret_and_no_person_is_ever_shown(wire, sender, caplog):
    caplog.set_level(logging.DEBUG)
    driver = sender(deadline=0.5)
    shown = []
    for url in faults(wire):
        for ask in (read, write):
            request = ask(
                url,
                params=(("email", PERSON),),
                headers=(("authorization", f"Bearer {SECRET}"),),
                body=PERSON.encode(),
            )
            shown += [repr(request), *outcome(driver, request)]
            bad = ask(url, headers=(("authorization", f"Bearer {SECRET}\n"),))
            with pytest.raises((ConfigError, UnsafeURL)) as caught:
                driver.send(bad)
            shown += [repr(caught.value), repr(bad)]
    everything = "\n".join(shown) + caplog.text
    assert len(shown) > 60
    for canary in (SECRET, PERSON, "Can%C3%A1ria"):
        assert canary not in everything
