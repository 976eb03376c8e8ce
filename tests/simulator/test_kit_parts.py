"""The parts of the kit that need no network: store, rates, checks, cursors, ids, instants."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadgateway.simulator import (
    Burst,
    Refusal,
    Store,
    Window,
    checks,
    cursors,
    in_millis,
    in_seconds,
    number_from,
    pick,
    problems,
    read_instant,
    uuid_from,
    whole_number,
)
from leadgateway.simulator.instants import utc_now
from leadgateway.simulator.rates import RateMeter
from leadgateway.simulator.replays import KeyReused, Replays


def store(*rows):
    kept = Store({"at": lambda row: row["at"]}, {"name": lambda row: row.get("name")})
    for row in rows:
        kept.put(row)
    return kept


def ids(rows):
    return [row["id"] for row in rows]


rows_strategy = st.lists(
    st.fixed_dictionaries({"id": st.text("abcd", min_size=1, max_size=3), "at": st.text("123")}),
    max_size=25,
)


@settings(max_examples=60)
@given(rows_strategy, st.integers(1, 5), st.booleans(), st.booleans())
def test_walking_pages_sees_each_row_once_in_order(rows, limit, descending, early):
    kept = store()
    if early:
        kept.page("at", limit=1)  # from here on the order is kept in step instead of built at once
    for row in rows:
        kept.put(row)
    seen, after = [], None
    for _ in range(len(rows) + 1):  # a walk that never ends is wrong too
        page = kept.page("at", limit=limit, descending=descending, after=after)
        seen += page.rows
        if not page.more:
            break
        after = page.last
    final = {row["id"]: row for row in rows}
    expected = sorted(final.values(), key=lambda row: (row["at"], row["id"]), reverse=descending)
    assert seen == expected


@settings(max_examples=60)
@given(rows_strategy, st.integers(0, 4), st.text("123", max_size=2), st.booleans(), st.booleans())
def test_offset_floor_and_filter_agree_with_a_plain_list(rows, offset, floor, descending, odd):
    def wanted(row):
        return row["id"] < "c"

    kept = store(*rows)
    page = kept.page(
        "at",
        limit=3,
        floor=floor,
        offset=offset,
        descending=descending,
        where=wanted if odd else None,
    )
    final = {row["id"]: row for row in rows}
    expected = [
        row
        for row in sorted(final.values(), key=lambda r: (r["at"], r["id"]), reverse=descending)
        if row["at"] >= floor and (not odd or wanted(row))
    ]
    assert page.rows == expected[offset : offset + 3]
    assert page.more == (len(expected) > offset + 3)
    assert kept.at_least("at", floor) == sum(row["at"] >= floor for row in kept)
    assert kept.count("few", wanted) == sum(map(wanted, kept))


def test_a_lookup_follows_every_write():
    kept = store({"id": "1", "at": "1", "name": "ana"})
    assert kept.find("name", "ana")["id"] == "1"
    kept.put({"id": "2", "at": "1", "name": "ana"})
    kept.put({"id": "3", "at": "1", "name": None})
    assert kept.find("name", "ana")["id"] == "1", "the first row wins"
    kept.put({"id": "1", "at": "1", "name": "bia"})
    assert kept.find("name", "ana")["id"] == "2"
    assert kept.find("name", "bia")["id"] == "1"
    assert kept.find("name", "cy") is None
    assert ids(kept) == ["1", "2", "3"], "a replaced row keeps its place"


def test_a_count_is_kept_until_a_write_and_clear_forgets_all():
    kept = store({"id": "1", "at": "1"})
    assert kept.count("all", lambda row: True) == 1
    assert kept.count("all", lambda row: False) == 1
    kept.put({"id": "2", "at": "1"})
    assert kept.count("all", lambda row: True) == 2
    kept.clear()
    assert (len(kept), kept.page("at", limit=1).rows, kept.get("1")) == (0, [], None)


def test_a_paged_look_at_many_rows_does_not_walk_them_all():
    compared = 0

    class Stamp(str):
        __slots__ = ()

        def __lt__(self, other):
            nonlocal compared
            compared += 1
            return str.__lt__(self, other)

    kept = store(*({"id": str(n), "at": Stamp(f"{n:06}")} for n in range(20_000)))
    kept.page("at", limit=1)
    compared = 0
    page = kept.page("at", limit=10, after=("012345", "12345"))
    assert ids(page.rows)[0] == "12346"
    assert compared < 100


def test_windows_refill_when_they_end_and_the_tightest_is_told():
    meter = RateMeter({"default": (Window(2, 60), Window(3, 3600))})
    readings = [meter.charge("default", "k", now) for now in (0, 10, 59.5, 60, 61)]
    assert [each.allowed for each in readings] == [True, True, False, True, False]
    assert [each.remaining for each in readings] == [1, 0, 0, 0, 0]
    assert [each.retry_after for each in readings] == [0, 50, 1, 3540, 3539]
    assert readings[-1].limit == 3
    assert meter.charge("default", "another", 61).allowed
    assert meter.charge("unmetered", "k", 0) is None
    meter.clear()
    assert meter.charge("default", "k", 61).remaining == 1


def test_a_burst_drips_back_at_its_rate():
    meter = RateMeter({"default": (Burst(2, 0.5),)})
    readings = [meter.charge("default", "k", now) for now in (0, 0, 0, 1, 2, 100)]
    assert [each.allowed for each in readings] == [True, True, False, False, True, True]
    assert [each.retry_after for each in readings] == [0, 2, 2, 1, 2, 0]
    assert readings[2].reset == 4
    assert readings[-1].remaining == 1


def test_a_replay_is_bound_to_endpoint_key_and_bytes():
    replays = Replays()
    assert replays.recall("/a", "k", b"1") is None
    replays.keep("/a", "k", b"1", "answer")
    assert replays.recall("/a", "k", b"1") == "answer"
    assert replays.recall("/b", "k", b"2") is None
    with pytest.raises(KeyReused):
        replays.recall("/a", "k", b"1 ")
    replays.clear()
    assert replays.recall("/a", "k", b"2") is None


@pytest.mark.parametrize(
    ("check", "right", "wrong"),
    [
        (checks.text(3, shortest=1), ["abc", "日本語"], ["", "abcd", None, 1]),
        (checks.choice(("a", "b")), ["a"], ["c", "", None, ["a"]]),
        (checks.email, ["a@b.example", "zoë@bücher.example"], ["a", "a@", "", None, 1]),
        (checks.uuid, [uuid_from("x"), uuid_from("x").upper()], ["x", "", None, "0" * 32]),
        (checks.integer(0, 9), [0, 9], [-1, 10, 1.0, True, "1", None]),
        (checks.integer(), [-1, 10**12], [None]),
        (checks.flag, [True, False], [0, 1, "true", None]),
        (checks.instant, ["2031-02-03T08:00:00Z"], ["2031-02-03", "2031-02-03T08:00:00", 1, ""]),
        (checks.printed_by(in_seconds), ["2031-02-03T08:00:00Z"], ["2031-02-03T08:00:00.0Z", 1]),
        (checks.texts, [[], ["a"]], [["a", 1], "a", None]),
        (checks.mapping, [{}, {"a": []}], [[], None]),
        (checks.scalars, [{}, {"a": None, "b": 1.5}], [{"a": []}, {"a": {}}, [], None]),
        (checks.nullable(checks.text()), [None, ""], [1]),
    ],
)
def test_each_check_takes_the_right_and_names_the_wrong(check, right, wrong):
    assert [check(value) for value in right] == [None] * len(right)
    assert all(check(value) for value in wrong)


def test_problems_names_missing_unknown_and_ill_formed_fields():
    found = problems({"a": 1, "z": 1}, {"a": checks.text(), "b": checks.flag}, required=("b",))
    assert found == ["b is required", "a must be a string", "unknown field: z"]


@given(
    st.dictionaries(st.sampled_from(("id", "at")), st.text(), min_size=2),
    st.booleans(),
    st.booleans(),
)
def test_a_cursor_comes_back_as_it_went(payload, padded, urlsafe):
    cursor = cursors.pack(payload, padded=padded, urlsafe=urlsafe)
    assert cursors.unpack(cursor, "id", "at") == payload
    assert padded or "=" not in cursor
    assert not (urlsafe and set(cursor) & set("+/"))


@pytest.mark.parametrize("cursor", ["", "?", "bm90IGpzb24", "W10", "e30", "eyJhIjoxfQ", "é", "a"])
def test_any_other_text_is_no_cursor(cursor):
    with pytest.raises(Refusal) as refused:
        cursors.unpack(cursor, "a")
    assert refused.value.status == 400


def test_ids_and_choices_depend_on_the_words_alone():
    assert uuid_from(7, "lead", 1) == uuid_from(7, "lead", 1) != uuid_from(7, "lead", 2)
    assert checks.uuid(uuid_from("a")) is None
    assert {number_from(3, "n", each) for each in range(50)} == {0, 1, 2}
    assert {pick("ab", "p", each) for each in range(50)} == {"a", "b"}


def test_instants_are_printed_and_read_in_utc():
    at = datetime(2031, 2, 3, 8, 0, 0, 123999, tzinfo=UTC)
    assert in_seconds(at) == "2031-02-03T08:00:00Z"
    assert in_millis(at) == "2031-02-03T08:00:00.123Z"
    assert read_instant("2031-02-03T05:00:00.123999-03:00") == at
    assert utc_now().utcoffset() == timedelta(0)
    for text in ("", "2031-02-03", "2031-02-03T08:00:00+99:99", "0001-01-01T00:00:00+12:00"):
        assert read_instant(text) is None, text


@pytest.mark.parametrize("text", ["0", "101", "-1", "+5", "1.0", "", "٥", "9" * 5000])
def test_a_limit_out_of_range_or_in_other_digits_is_refused(text):
    with pytest.raises(Refusal):
        whole_number({"limit": text}, "limit", 20, 1, 100)


def test_a_limit_in_range_is_taken_and_a_missing_one_is_the_default():
    assert whole_number({"limit": "100"}, "limit", 20, 1, 100) == 100
    assert whole_number({}, "limit", 20, 1, 100) == 20
