"""What a walk must remember: every row arrives, however many are inserted at once."""

import pytest

from leadgateway.transfer.scratch import Rows, scratch


@pytest.mark.parametrize("columns", [1, 2, 3])
@pytest.mark.parametrize("at_a_time", [0, 1, 3, 700])
@pytest.mark.parametrize("many", [0, 1, 332, 333, 334, 499, 999, 1000, 2500])
def test_rows_arrive_each_once_and_in_order(columns, at_a_time, many):
    wanted = [tuple(f"{row}.{column}" for column in range(columns)) for row in range(many)]
    with scratch() as database:
        names = ", ".join("abc"[:columns])
        database.execute(f"CREATE TABLE here ({names})")
        rows = Rows(database, "here", columns)
        for start in range(0, many, at_a_time or many or 1):
            part = wanted[start : start + (at_a_time or many)]
            rows.put([value for row in part for value in row])
        rows.flush()
        rows.flush()
        assert database.execute("SELECT * FROM here ORDER BY rowid").fetchall() == wanted
