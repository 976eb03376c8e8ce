"""What a source that cannot be walked does to a job: rows P1 to P12 of the table of faults."""

import json
from collections import Counter

import pytest
from tests.services.fault_proxy import edit, status_before
from tests.transfer.engine.world import email, mega_row, once_each

from leadgateway.errors import BadResponse, CursorError


def page(**changed):
    """Change some keys of every page."""
    return edit(lambda body: json.dumps(json.loads(body) | changed).encode())


def test_p1_a_cursor_that_comes_again_ends_the_reading_and_keeps_the_rows(world):
    here = world("novala", 5)
    here.from_wire.on(page(next_cursor=None), "GET", path="cursor=", times=0)
    cursor = first_cursor(here, 2)
    here.from_wire.on(page(next_cursor=cursor, total=5), "GET", times=None)
    ended = here.run()
    assert isinstance(ended.error, CursorError)
    assert ended.exit_code == 1
    assert len(ended.rows) == 5
    assert len(here.from_wire.passed("GET")) <= 3


def first_cursor(here, limit):
    """Return a cursor that the source itself would give."""
    import httpx

    running = here.ends["from"][0]
    headers = {
        "authorization": f"Bearer {running.settings['token']}",
        "x-customer-id": running.settings["customer_id"],
    }
    url = f"{running.settings['base_url']}/api/agents/crm/leads"
    query = {"limit": limit, "sort_by": "updated_at", "sort_dir": "asc"}
    return httpx.get(url, params=query, headers=headers).json()["next_cursor"]


def test_p2_empty_pages_are_followed_to_a_limit(world):
    here = world("apollo_space", 4, source="novala")
    pages = iter(range(2000))

    def empty(body):
        return json.dumps({"data": [], "nextCursor": f"c{next(pages)}", "hasMore": True}).encode()

    here.from_wire.on(edit_offline(empty), "GET", times=3)
    here.from_wire.on(edit_offline(lambda _: REST), "GET", times=1)
    ended = here.run()
    assert ended.exit_code == 0
    here.from_wire.calm()


REST = b'{"data": [], "nextCursor": null, "hasMore": false}'


def edit_offline(change):
    """Make up a page without asking the simulator, which knows no such cursor."""

    def fault(exchange):
        body = change(b"")
        return status_before(200, body, content_type="application/json")(exchange)

    return fault


def test_p2_a_cycle_of_cursors_ends_the_reading(world):
    here = world("apollo_space", source="novala")
    for cursor in ("a", "b", "a"):
        body = json.dumps({"data": [], "nextCursor": cursor, "hasMore": True}).encode()
        here.from_wire.on(status_before(200, body, content_type="application/json"), "GET")
    ended = here.run()
    assert isinstance(ended.error, CursorError)
    assert len(here.from_wire.passed("GET")) == 3


@pytest.mark.parametrize("cursor", ["../x", "&limit=0", "%0a", "?a=1#b", "日本"])
def test_p3_an_odd_cursor_is_sent_as_one_parameter(world, cursor):
    here = world("apollo_space", source="novala")
    body = json.dumps({"data": [], "nextCursor": cursor, "hasMore": True}).encode()
    here.from_wire.on(status_before(200, body, content_type="application/json"), "GET")
    here.from_wire.on(status_before(200, REST, content_type="application/json"), "GET")
    assert here.run().exit_code == 0
    first, second = here.from_wire.passed("GET")
    assert second.path.startswith(f"{first.path.partition('?')[0]}?cursor=")
    assert second.path.count("=") == 1
    assert second.path.isascii()


@pytest.mark.parametrize("cursor", ["a\nb", "a\0b", "x" * (1024 * 1024)])
def test_p3_a_hostile_cursor_is_not_sent(world, cursor):
    here = world("apollo_space", source="novala")
    body = json.dumps({"data": [], "nextCursor": cursor, "hasMore": True}).encode()
    here.from_wire.on(status_before(200, body, content_type="application/json"), "GET")
    ended = here.run()
    assert isinstance(ended.error, CursorError)
    assert len(here.from_wire.passed("GET")) == 1


def test_p4_many_leads_of_one_moment_all_arrive_once(world):
    here = world("mega", source="mega")
    moment = {"created_at": "2026-02-03T04:05:06.789Z", "updated_at": "2026-02-03T04:05:06.789Z"}
    here.load([mega_row(n, **moment) for n in range(1500)])
    ended = here.run()
    assert ended.exit_code == 0
    assert len(ended.rows) == 1500
    assert len({row.source_id for row in ended.rows}) == 1500


def test_p5_leads_that_change_while_they_are_read_are_each_seen_once(world):
    here = world("apollo_space", 120, source="mega")
    store = here.source.tenant.leads

    def stir(body):
        for row in list(store)[:60]:  # those were on the first page: they move to the end
            store.put({**row, "updated_at": "2027-01-01T00:00:00.000Z", "score": 7})
        return body

    here.from_wire.on(edit(stir), "GET")
    ended = here.run()
    assert ended.exit_code == 0
    assert here.arrived() == once_each(120)


@pytest.mark.parametrize("year", [1990, 2999])
def test_p6_p11_no_clock_decides_what_a_later_run_reads(world, year):
    """There is no watermark to be abnormal: what is new or changed is told by digest."""
    here = world("apollo_space", 0, source="mega")
    odd = {"created_at": "2999-12-31T00:00:00.000Z", "updated_at": "2999-12-31T00:00:00.000Z"}
    here.load([mega_row(1, **odd)])
    assert here.run().counts == {"created": 1}
    stamp = f"{year}-01-01T00:00:00.000Z"
    here.load([mega_row(2, created_at=stamp, updated_at=stamp)])
    assert here.run("second").counts == {"skipped": 1, "created": 1}
    assert here.arrived() == Counter({email(1): 1, email(2): 1})


def test_p8_a_list_that_ends_too_soon_is_not_the_whole(world):
    here = world("novala", 5)
    here.from_wire.on(page(total=20_000), "GET", times=None)
    ended = here.run()
    assert isinstance(ended.error, BadResponse)
    assert "ended after 5 of 20000 leads" in str(ended.error)
    here.from_wire.calm()
    assert here.run().exit_code == 0
    assert here.arrived() == once_each(5)


@pytest.mark.parametrize("status", [400, 404, 410])
def test_p9_a_cursor_that_ran_out_means_reading_anew_and_sending_nothing_twice(world, status):
    here = world("apollo_space", 120, source="mega")
    here.from_wire.on(status_before(500), "GET", nth=2, times=None)
    assert here.run().exit_code == 75
    sent = len(here.wire.passed())
    assert sent >= 100
    here.from_wire.calm()
    here.from_wire.on(status_before(status), "GET", "cursor=")
    ended = here.run()
    assert ended.exit_code == 0
    assert here.arrived() == once_each(120)
    assert len(here.wire.passed()) == 120
    resumed = [each.path for each in here.from_wire.passed("GET")][-3:]
    assert "cursor=" in resumed[0]
    assert "cursor=" not in resumed[1]


def test_reading_goes_on_from_the_kept_cursor(world):
    here = world("apollo_space", 120, source="mega")
    here.from_wire.on(status_before(500), "GET", nth=2, times=None)
    assert here.run().exit_code == 75
    here.from_wire.calm()
    before = len(here.from_wire.passed("GET"))
    assert here.run().exit_code == 0
    assert len(here.from_wire.passed("GET")) == before + 1
    assert here.run().exit_code == 0
    assert len(here.from_wire.passed("GET")) == before + 1  # read to its end: not read again


def test_a_sample_is_read_no_further_and_can_be_carried_on(world):
    here = world("apollo_space", 120, source="mega")
    ended = here.run(limit=110)
    assert ended.counts == {"created": 110}
    assert here.run(limit=110).counts == {"created": 110}
    assert here.run().counts == {"created": 120}
    assert here.arrived() == once_each(120)


def test_p12_a_lead_that_is_gone_at_the_target_cannot_be_changed_there(world):
    here = world("v1_leads", 2)
    first = here.run()
    assert first.exit_code == 0
    gone, kept = (row.target_id for row in first.rows)
    for row in list(here.source.tenant.leads):
        here.source.tenant.leads.put({**row, "contact_name": f"New {row['contact_name']}"})
    here.lose(gone)
    ended = here.run("another")
    assert ended.exit_code == 3
    assert [(row.state, row.target_id) for row in ended.rows] == [
        ("failed", gone),
        ("updated", kept),
    ]
    assert ended.rows[0].reason == "gone at the target"
    names = {row["email"]: row["name"] for row in here.target.tenant.leads}
    assert names[email(1)] == "New Lead Number 1"


@pytest.mark.parametrize("source", ["novala", "mega"])
def test_samples_that_grow_and_then_the_whole_leave_nothing_out(world, source):
    here = world("apollo_space" if source == "novala" else "novala", 27, source=source)
    here.settings["from"]["page_size"] = 10
    for limit, arrived in ((5, 5), (8, 8), (8, 8), (17, 17), (18, 18), (20, 20), (None, 27)):
        ended = here.run(limit=limit)
        assert ended.counts == {"created": arrived}, limit
        assert ended.exit_code == 0
    assert here.arrived() == once_each(27)
