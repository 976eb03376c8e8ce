"""Lines that are no lead, come twice, or were cut short: read, mended or left alone."""

import pytest
from tests.files.rows import FILE, codes, lead

from leadgateway import Lead
from leadgateway.errors import ConfigError


@pytest.fixture
def lines(face, folder):
    """Write lines and connect to them."""

    def opened(*texts, end="\n"):
        data = "\n".join(t if isinstance(t, str) else t.model_dump_json() for t in texts) + end
        (folder / FILE).write_bytes(data.encode())
        return face.open(FILE)

    return opened


def test_bad_lines_are_leads_with_their_line_and_no_value_of_theirs(lines):
    found = list(
        lines(
            lead("1"),
            '{"name": "secret',
            "",
            '{"score": 777}',
            '{"secret_key": 1}',
            '{"custom": {"secret": NaN}}',
            "[1, 2]",
            lead("2"),
        ).list_leads()
    )
    assert [each.ref.id for each in found][:: len(found) - 1] == ["1", "2"]
    bad = found[1:-1]
    assert [codes(each) for each in bad] == [[("raw", "not_a_lead")]] * 5
    assert [each.issues[0].detail for each in bad] == [
        "line 2: json_invalid",
        "line 4: score: less_than_equal",
        "line 5: extra_forbidden",
        "line 6: json_invalid",
        "line 7: model_type",
    ]
    assert bad[0].raw[""] == '{"name": "secret'
    assert len({each.ref.id for each in found}) == 7


def test_lines_that_repeat_are_told_apart_and_reported(lines):
    anonymous = Lead(name="Ana")
    found = list(
        lines(lead("1"), lead("1", notes="x"), anonymous, anonymous, "x", "x").list_leads()
    )
    ids = [each.ref.id for each in found]
    assert ids[:2] == ["1", "1#2"]
    assert ids[3] == f"{ids[2]}#2"
    assert ids[5] == f"{ids[4]}#2"
    assert found[1].ref.vendor == "harbour"
    assert found[1].issues[0].detail == "line 2: the id stands 1 times before"
    assert codes(found[2]) == codes(found[3]) == []


def test_lines_in_another_encoding_are_refused(face, folder):
    (folder / FILE).write_text(lead("1").model_dump_json() + "\n", "utf-16")
    with pytest.raises(ConfigError, match="utf-16-le: lines of JSON are UTF-8"):
        list(face.open(FILE).list_leads())
    with pytest.raises(ConfigError, match="line 1 holds no lead"):
        face.open(FILE).create_lead(lead("2"))


def test_a_mark_and_windows_line_ends_are_read(face, folder):
    texts = [lead("1").model_dump_json(), lead("2").model_dump_json()]
    (folder / FILE).write_bytes(("\ufeff" + "\r\n".join(texts)).encode())
    connection = face.open(FILE)
    assert list(connection.list_leads()) == [lead("1"), lead("2")]
    assert connection.create_lead(lead("1")).doubt == "was_there"
    connection.create_lead(lead("3"))
    assert list(connection.list_leads()) == [lead("1"), lead("2"), lead("3")]


@pytest.mark.parametrize("kept", range(0, 60, 7))
def test_a_line_that_a_crash_cut_short_is_removed_when_the_file_is_written(lines, folder, kept):
    torn = lead("2").model_dump_json()[:kept]
    connection = lines(lead("1"), torn, end="")
    assert connection.create_lead(lead("2")).doubt is None
    assert list(connection.list_leads()) == [lead("1"), lead("2")]


def test_zeros_that_a_power_cut_left_are_removed(lines):
    for torn in ("\0" * 50, lead("2").model_dump_json()[:30] + "\0" * 9, '{"na\0\0'):
        connection = lines(lead("1"), torn, end="")
        connection.create_lead(lead("2"))
        assert list(connection.list_leads()) == [lead("1"), lead("2")]


def test_a_last_line_without_an_end_is_kept_if_it_is_whole(lines):
    connection = lines(lead("1"), end="")
    connection.create_lead(lead("2"))
    assert list(connection.list_leads()) == [lead("1"), lead("2")]


@pytest.mark.parametrize(
    ("content", "number"),
    [
        ("name,email\nAna,x\n", 1),
        ("name,email", 1),
        ('{"ref": null}\n{"host": "secret"', 2),
        ('{"ref": null}\n{"host": "secret"}', 2),
        ('{"ref": null}\n{"name": "torn\n{"ref": null}\n', 2),
        ("{'name'", 1),
        ('{"nam e', 1),
        ('{"named', 1),
        ("[]\n", 1),
        ("[" * 5000 + "\n", 1),
    ],
)
def test_a_file_of_something_else_is_left_as_it_is(face, folder, content, number):
    (folder / FILE).write_text(content)
    with pytest.raises(ConfigError, match=f"out.jsonl: line {number} holds no lead") as caught:
        face.open(FILE).create_lead(lead("1"))
    assert "secret" not in str(caught.value)
    assert (folder / FILE).read_text() == content
