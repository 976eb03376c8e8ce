"""The leads of a page: read when somebody looks at them, once."""

from leadgateway.lead import Lead
from leadgateway.records import Records


def records(read):
    return Records(["1", "2", "3"], [{"n": 1}, {"n": 2}, {"n": 3}], read)


def test_a_lead_is_read_when_it_is_looked_at_and_only_once():
    seen = []

    def read(record):
        seen.append(record["n"])
        return Lead(notes=str(record["n"]))

    leads = records(read)
    assert len(leads) == 3
    assert seen == []
    assert leads[-1].notes == leads[2].notes == "3"
    assert seen == [3]
    assert [lead.notes for lead in leads] == ["1", "2", "3"]
    assert seen == [3, 1, 2]


def test_a_part_of_them_and_what_is_made_of_them_are_not_read_either():
    leads = records(lambda record: Lead(notes=str(record["n"])))
    rest = leads[1:].then(lambda lead: Lead(notes=f"{lead.notes}!"))
    assert rest.ids == ("2", "3")
    assert rest == (Lead(notes="2!"), Lead(notes="3!"))
    assert leads != [Lead(notes="1")]
    assert leads != 3
    assert len({leads, leads[:]}) == 1
