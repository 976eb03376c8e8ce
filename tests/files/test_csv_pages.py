"""Rows by pages and cursors: each once, told apart, however long the file."""

import asyncio
import os

import pytest
from tests.files.rows import codes

from leadgateway.errors import CursorError
from leadgateway.gateway import Gateway


def test_ids_do_not_know_their_line_and_repeated_rows_are_told_apart(sheet):
    rows = ["Ana,1", "Bia,2", "Ana,1", "Ana,1"]
    first = [lead.ref.id for lead in sheet("name,code\n" + "\n".join(rows)).list_leads()]
    assert len(set(first)) == 4
    assert first[2:] == [f"{first[0]}#2", f"{first[0]}#3"]
    moved = sheet("code,name\n" + "\n".join(["2,Bia", "1,Ana", "1,Ana", "1,Ana"]))
    assert {lead.ref.id for lead in moved.list_leads()} == set(first)
    assert all(not lead.issues for lead in moved.list_leads())


def test_an_id_that_stands_twice_is_told_apart_and_reported(sheet):
    found = list(sheet("id,name\n7,Ana\n7,Bia\n,Cal\n").list_leads())
    assert [lead.ref.id for lead in found][:2] == ["7", "7#2"]
    assert found[2].ref.id.startswith("row-")
    assert found[1].issues[0].detail == "line 3: the id stands 1 times before"
    assert codes(found[0]) == codes(found[2]) == []


def big(rows: int) -> str:
    lines = "".join(f'"Ana\n{n % 900}",c{n % 7}\n' for n in range(rows))
    return f"name,code\n{lines}"


def ids(pages):
    return [lead.ref.id for page in pages for lead in page.leads]


def test_pages_and_a_cursor_in_another_process(sheet, face):
    connection = sheet(big(9000))
    pages = list(connection.list_leads(page_size=1000).pages())
    assert [len(page.leads) for page in pages] == [1000] * 9
    everything = ids(pages)
    assert len(set(everything)) == 9000
    later = face.open("leads.csv")
    after = ids(later.list_leads(page_size=700).pages(pages[6].next_cursor))
    assert after == everything[7000:]
    again = ids(later.list_leads(page_size=300).pages(pages[1].next_cursor))
    assert again == everything[2000:]


@pytest.mark.parametrize("rows", [1, 1999, 2000, 2001, 2500, 4000])
def test_a_cursor_leads_to_every_place_in_another_process(sheet, face, rows):
    connection = sheet("notes\n" + "".join(f"x{n % 5}\n" for n in range(2 * rows)))
    pages = list(connection.list_leads(page_size=rows).pages())
    later = face.open("leads.csv")
    assert ids(later.list_leads().pages(pages[0].next_cursor)) == ids(pages[1:])
    assert len(set(ids(pages))) == 2 * rows


def test_listings_that_run_side_by_side_do_not_disturb_each_other(sheet):
    connection = sheet(big(2000))
    whole = [lead.ref.id for lead in connection.list_leads()]
    pairs = zip(
        connection.list_leads(page_size=100), connection.list_leads(page_size=170), strict=True
    )
    assert [(one.ref.id, other.ref.id) for one, other in pairs] == [(x, x) for x in whole]


def test_a_cursor_into_a_changed_file_is_refused(sheet, folder):
    connection = sheet(big(900))
    cursor = next(iter(connection.list_leads(page_size=300).pages())).next_cursor
    (folder / "leads.csv").write_text(big(901))
    with pytest.raises(CursorError, match="changed"):
        list(connection.list_leads(page_size=300).pages(cursor))


def test_a_file_that_changes_while_it_is_listed_is_noticed(sheet, folder):
    pages = iter(sheet(big(900)).list_leads(page_size=300).pages())
    next(pages)
    changed = (folder / "leads.csv").stat().st_mtime_ns + 1_000_000
    os.utime(folder / "leads.csv", ns=(changed, changed))
    with pytest.raises(CursorError, match="changed"):
        next(pages)


@pytest.mark.parametrize(
    "cursor", ["", "x", "1:2", "1:2:zz", "5:1:{stamp}", "99999:1:{stamp}", "3000:1:{stamp}"]
)
def test_a_cursor_that_is_none_is_refused(sheet, face, cursor):
    connection = sheet(big(900))
    real = next(iter(connection.list_leads(page_size=300).pages())).next_cursor
    cursor = cursor.format(stamp=real.rpartition(":")[2])
    for each in (connection, face.open("leads.csv")):
        with pytest.raises(CursorError):
            list(each.list_leads().pages(cursor))


def test_pages_are_never_empty_for_blank_rows(sheet):
    pages = list(sheet("name\n" + "\n" * 5000 + "Ana\n").list_leads(page_size=50).pages())
    assert [len(page.leads) for page in pages] == [1]


def test_a_record_larger_than_a_chunk_is_read(sheet):
    notes = "x" * 100_000
    found = list(sheet(f"name,{'y' * 100_000}\nAna,{notes}\nBia,z\n").list_leads())
    assert [lead.name.full for lead in found] == ["Ana", "Bia"]
    assert found[0].custom == {"y" * 100_000: notes}


def test_the_memory_of_a_long_file_stays_flat(folder):
    """What a listing holds beyond a page does not grow with the file."""
    import tracemalloc

    def peak(rows: int) -> int:
        (folder / "long.csv").write_text("notes\n" + "".join(f"note {n}\n" for n in range(rows)))
        with Gateway(environ={}).connect("long.csv") as connection:
            tracemalloc.start()
            count = sum(1 for _ in connection.list_leads())
            most = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
        assert count == rows
        return most

    peak(1000)
    assert peak(8000) < 1.5 * peak(2000)


def test_async_listing_leaves_the_loop_free(sheet, face, folder):
    """Reading happens in a thread, so that other tasks have their turn."""
    from leadgateway.aio import AsyncGateway

    (folder / "leads.csv").write_text(big(3000))

    async def main() -> int:
        turns = 0

        async def tick() -> None:
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        ticking = asyncio.create_task(tick())
        async with AsyncGateway(environ={}).connect("leads.csv") as connection:
            assert len([lead async for lead in connection.list_leads()]) == 3000
        ticking.cancel()
        return turns

    assert asyncio.run(main()) > 10
