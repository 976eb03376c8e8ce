"""The disk is full: the journal says so, stays whole, and goes on when there is space again."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = Path(__file__).with_name("fills_the_disk.py")
SIZES = range(300_000, 900_001, 50_000)


def run(path, *how):
    """Let the program fill the disk and return what it found."""
    done = subprocess.run(
        [sys.executable, PROGRAM, path, *map(str, how)],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def check(found):
    """No request left that the journal does not know, and it is whole at any time."""
    assert found["failures"] == [6, 6, 6]
    assert len(found["seen"]) == 4
    for seen in found["seen"]:
        assert (seen["integrity"], seen["adrift"]) == ("ok", 0)
        assert seen["known"] == seen["sent"]


@pytest.mark.parametrize("size", SIZES)
def test_a_file_that_may_not_grow_stops_the_job_and_stays_whole(tmp_path, size):
    check(run(tmp_path / "journal.db", "limit", size))


@pytest.fixture
def small_disk(tmp_path):
    """Mount a small file system with some ballast in it, as far as this machine lets us."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = []

    def mount(size):
        options = f"size={size + 4_000_000},mode=0700"
        command = ["/bin/mount", "-t", "tmpfs", "-o", options, "tmpfs", place]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"this machine mounts no file system: {done.stderr.strip()}")
        mounted.append(place)
        (place / "ballast").write_bytes(bytes(4_000_000))
        return place / "journal.db"

    yield mount
    for each in mounted:
        subprocess.run(["/bin/umount", each], check=True)


if os.geteuid() == 0:  # others prove the same by the limit on a file's size, above

    @pytest.mark.parametrize("size", SIZES)
    def test_a_full_disk_stops_the_job_and_the_journal_stays_whole(small_disk, size):
        check(run(small_disk(size), "disk"))
