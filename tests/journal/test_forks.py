"""A journal stays with the process that opened it: a fork is refused, and harms nothing."""

import pytest
from tests.forked import FORKS, forked
from tests.journal.scenes import job

from leadgateway.errors import JournalError

pytestmark = FORKS


@pytest.mark.parametrize(
    "use",
    [
        lambda journal: journal.find_job("job"),
        lambda journal: journal.open_job(job()),
    ],
    ids=["reading", "writing"],
)
def test_a_forked_process_is_told_to_open_the_journal_itself(journal, use):
    journal.open_job(job())

    def refused():
        with pytest.raises(JournalError, match=r"opened by process \d+: open it anew after a fork"):
            use(journal)
        return 7

    assert forked(refused) == 7


def test_a_forked_process_leaves_the_journal_open_for_the_one_that_opened_it(journal):
    journal.open_job(job())

    def closed():
        journal.close()
        [(still_open,)] = journal._database.run("SELECT 7", {})
        return still_open

    assert forked(closed) == 7
    assert journal.find_job("job") is not None


def test_a_forked_process_may_open_the_journal_anew(store):
    store.open().open_job(job())

    def opened():
        return 7 if store.open().find_job("job") is not None else 1

    assert forked(opened) == 7
