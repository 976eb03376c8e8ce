"""Following cursors: each once, none that is hostile, and not through endless empty pages."""

import json

import pytest

from leadgateway.errors import CursorError
from leadgateway.walk import CursorTrail


def page(cursor: str | None, *ids: str) -> str:
    return json.dumps({"items": [{"id": i} for i in ids], "next_cursor": cursor})


def scripted(site, *bodies: str):
    """An Apollo Space whose list answers these bodies, then the last of them for ever."""
    here = site("apollo_space")
    for body in bodies[:-1]:
        here.fail(method="GET", times=1, status=200, body=body)
    here.fail(method="GET", times=None, status=200, body=bodies[-1])
    return here


def test_the_same_cursor_for_ever_ends_in_an_error_after_the_rows_it_gave(face, site):
    here = scripted(site, page("c1", "a"))
    seen = []
    with pytest.raises(CursorError, match="twice"):
        seen.extend(lead.ref.id for lead in face.at(here).list_leads())
    assert seen == ["a", "a"]
    assert len(here.asked) == 2


def test_a_cycle_of_cursors_ends_in_an_error(face, site):
    here = scripted(site, page("A", "a"), page("B", "b"), page("A", "c"))
    with pytest.raises(CursorError, match="twice"):
        list(face.at(here).list_leads())
    assert len(here.asked) == 3


def test_a_page_that_comes_twice_in_a_row_ends_in_an_error_whatever_its_cursor(face, site):
    here = scripted(site, page("1", "a", "b"), page("2", "a", "b"), page("3", "c"))
    seen = []
    with pytest.raises(CursorError, match="the same page twice"):
        seen.extend(lead.ref.id for lead in face.at(here).list_leads())
    assert seen == ["a", "b", "a", "b"]
    assert len(here.asked) == 2


def test_a_lead_that_comes_again_on_another_page_is_no_circle(face, site):
    here = scripted(site, page("1", "a", "b"), page("2", "b", "c"), page("3"), page(None, "c"))
    assert [lead.ref.id for lead in face.at(here).list_leads()] == ["a", "b", "b", "c", "c"]


def test_a_walk_that_begins_at_a_cursor_does_not_come_back_to_it(face, site):
    here = scripted(site, page("A", "a"))
    with pytest.raises(CursorError, match="twice"):
        list(face.at(here).list_leads().pages("A"))
    assert len(here.asked) == 1


def test_an_empty_page_with_a_cursor_is_followed(face, site):
    here = scripted(site, page("A"), page("B", "b"), page(None, "c"))
    assert [lead.ref.id for lead in face.at(here).list_leads()] == ["b", "c"]


def test_pages_of_which_no_lead_is_picked_are_not_empty(face):
    def answer(request):
        asked = int(dict(request.params).get("cursor", 0))
        row = {"id": str(asked), "source": "website" if asked < 1_100 else "google_ads"}
        return 200, {"data": [row], "next_cursor": None if asked == 1_100 else str(asked + 1)}

    settings = {"token": "t", "base_url": "https://v1.example/api/v1", "rate_limits": False}
    connection = face.open("v1_leads", driver=face.driver(answer), **settings)
    found = connection.list_leads(source="paid_search", page_size=1)
    assert [lead.ref.id for lead in found] == ["1100"]


def test_a_list_without_its_end_mark_is_no_end(face, site):
    here = scripted(site, json.dumps({"items": []}))
    with pytest.raises(Exception, match="next_cursor is missing"):
        list(face.at(here).list_leads())


@pytest.mark.parametrize(
    "cursor", ["../../admin", "x&limit=0#y", "a b+c%2F", "é", '"', "\U0001f600"]
)
def test_a_hostile_cursor_travels_as_one_parameter(face, site, cursor):
    here = scripted(site, page(cursor, "a"), page(None, "b"))
    assert len(list(face.at(here).list_leads())) == 2
    path, _, query = here.asked[1].removeprefix("GET ").removesuffix(" 200").partition("?")
    assert path == "/v1/leads"
    assert sorted(pair.split("=")[0] for pair in query.split("&")) == ["cursor", "limit"]
    assert "limit=0" not in query


@pytest.mark.parametrize("cursor", ["a\nb", "a\x00", "\x7f", "\x85", "x" * (8 * 1024 + 1)])
def test_a_cursor_with_a_control_character_or_too_long_is_not_sent(face, site, cursor):
    here = scripted(site, page(cursor, "a"))
    with pytest.raises(CursorError) as error:
        list(face.at(here).list_leads())
    assert len(here.asked) == 1
    assert cursor not in str(error.value)


def test_a_cursor_that_was_kept_is_held_to_the_same_rules(face, site):
    here = site("apollo_space")
    with pytest.raises(CursorError):
        list(face.at(here).list_leads().pages("kept\n"))
    assert here.asked == []


def test_a_cursor_of_another_sort_is_refused_without_a_request(face, site):
    here = site("mega", leads=3)
    connection = face.at(here)
    first = next(connection.list_leads(page_size=1).pages())
    asked = here.asked
    with pytest.raises(CursorError):
        list(connection.list_leads(sort_by="created_at").pages(first.next_cursor))
    assert here.asked == asked


def test_changes_follow_cursors_by_the_same_rules(face, site):
    here = site("v1_leads")
    record = {"id": "r", "action": "lead.updated"}
    body = json.dumps({"data": [record], "next_cursor": "A"})
    here.fail(method="GET", times=None, status=200, body=body)
    with pytest.raises(CursorError, match="twice"):
        list(face.at(here).list_changes())
    assert len(here.asked) == 2


def test_changes_that_come_twice_in_a_row_end_in_an_error_too(face, site):
    here = site("v1_leads")
    for cursor in "AB":
        record = {"id": "r", "action": "lead.updated"}
        body = json.dumps({"data": [record], "next_cursor": cursor})
        here.fail(method="GET", times=1, status=200, body=body)
    with pytest.raises(CursorError, match="the same page twice"):
        list(face.at(here).list_changes())


def test_a_thousand_empty_pages_are_followed_and_not_one_more():
    trail = CursorTrail()
    for number in range(1_000):
        assert trail.follow(str(number), page_was_empty=True) == str(number)
    with pytest.raises(CursorError, match="1000 empty pages"):
        trail.follow("one more", page_was_empty=True)


def test_a_page_with_leads_starts_the_count_of_empty_ones_again():
    trail = CursorTrail()
    for number in range(3_000):
        trail.follow(str(number), page_was_empty=number % 1_000 != 0)
    assert trail.follow(None, page_was_empty=True) is None


def test_the_longest_cursor_is_eight_kibibytes():
    assert CursorTrail().follow("x" * 8 * 1024, page_was_empty=False)
