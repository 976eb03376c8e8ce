"""On an event loop that is not Python's own: what depends on the loop, once more."""

import pytest
from tests.drivers.test_kept_connections import (
    test_a_body_without_a_length_that_is_broken_off_is_no_answer,
    test_a_connection_that_the_server_closed_meanwhile_is_not_written_on,
    test_a_connection_that_was_broken_off_meanwhile_is_not_written_on,
    test_an_answer_that_comes_before_the_whole_request_ends_the_connection,
    test_what_a_server_says_unasked_is_no_answer,
    test_what_was_not_sent_at_the_deadline_is_never_sent,
)
from tests.drivers.test_proxies import (
    test_an_https_request_goes_through_a_tunnel_that_sees_nothing_of_it,
)
from tests.drivers.test_wire_faults import (
    test_a_certificate_nobody_vouches_for_is_refused_before_anything_is_sent,
    test_a_connection_is_kept_and_cookies_are_not,
    test_a_handshake_that_never_ends_is_not_sent,
    test_an_endless_body_ends_at_the_cap,
    test_nothing_is_sent_where_nobody_listens,
    test_waiting_for_a_free_connection_is_not_sent,
)
from tests.drivers.wire import LOOPS

__all__ = [
    "test_a_body_without_a_length_that_is_broken_off_is_no_answer",
    "test_a_certificate_nobody_vouches_for_is_refused_before_anything_is_sent",
    "test_a_connection_is_kept_and_cookies_are_not",
    "test_a_connection_that_the_server_closed_meanwhile_is_not_written_on",
    "test_a_connection_that_was_broken_off_meanwhile_is_not_written_on",
    "test_a_handshake_that_never_ends_is_not_sent",
    "test_an_answer_that_comes_before_the_whole_request_ends_the_connection",
    "test_an_endless_body_ends_at_the_cap",
    "test_an_https_request_goes_through_a_tunnel_that_sees_nothing_of_it",
    "test_nothing_is_sent_where_nobody_listens",
    "test_waiting_for_a_free_connection_is_not_sent",
    "test_what_a_server_says_unasked_is_no_answer",
    "test_what_was_not_sent_at_the_deadline_is_never_sent",
]

pytestmark = pytest.mark.skipif(LOOPS["uvloop"] is None, reason="there is no uvloop for Windows")


@pytest.fixture(params=["httpx", "httpx2", "aiohttp"])
def face(request):
    return request.param, "uvloop"
