"""The page for people: it holds the account, nothing of it is live, and it needs no network."""

import os
import re
import shutil
import subprocess
from html.parser import HTMLParser

import pytest

from leadgateway.report import page
from leadgateway.report.charts import activity_chart, share_bar
from leadgateway.transfer.certificate import certify
from leadgateway.transfer.verification import Verification

CHROMIUM = (
    shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
)
VOID = {"meta"}


class Outline(HTMLParser):
    """Collects elements, text and attributes, and fails where a tag is left open."""

    def __init__(self, text):
        super().__init__()
        self.open, self.seen, self.words, self.links = [], [], [], []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.seen.append(tag)
        self.links += [value for name, value in attrs if name in {"src", "href"}]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open:
            self.words.append(data)


@pytest.fixture
def html(journal):
    return page(certify(journal, "old-to-new"), [(29_000_000, 60), (29_000_002, 45)])


def test_the_page_is_well_formed_and_loads_nothing(html):
    outline = Outline(html)
    assert outline.links == []
    assert "script" not in outline.seen
    assert "url(" not in html
    assert "@import" not in html


def test_the_page_tells_the_whole_account(html):
    words = " ".join(Outline(html).words)
    for expected in (
        "old to new", "6 read", "1 created", "1 merged", "2 failed", "1 unknown", "company.name",
        "dropped: no_such_field", "lead: precondition", "no answer", "in doubt", "lead-0",
    ):  # fmt: skip
        assert expected in re.sub(r"\s+", " ", words), expected


def test_what_a_lead_says_stays_text(html):
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)" in html
    assert "\x1b" not in html


def test_differences_that_nobody_announced_are_the_verdict(journal):
    found = Verification("old-to-new", expected=2, found=2, compared=2)
    found.agreeing["name"] = 2
    found.faults.add("emails", "lead-0")
    journal.record_verification("old-to-new", found.text())
    words = " ".join(Outline(page(certify(journal, "old-to-new"))).words)
    assert "differences that nobody announced" in words
    assert "2 of 2 leads found again" in words


def test_a_job_that_lost_nothing_says_so(journal, tmp_path):
    from leadgateway.journal import JobRecord

    journal.open_job(JobRecord("empty", "old", "new", "{}", "c0ffee"))
    words = " ".join(Outline(page(certify(journal, "empty"))).words)
    assert "Nothing." in words
    assert "not yet" in words


def test_long_activity_is_joined_into_bars_and_keeps_its_sum():
    minutes = [(start, 10) for start in range(0, 5_000, 2)]
    chart = activity_chart(minutes)
    assert chart.count("<rect") <= 160
    assert "25000 requests in 4999 minutes" in chart


def test_a_share_of_nothing_is_an_empty_bar():
    assert 'aria-label="none"' in share_bar([("created", 0)])


@pytest.mark.skipif(
    CHROMIUM is None and "CI" not in os.environ,
    reason="needs a browser: install Debian's package chromium (CI does)",
)
@pytest.mark.parametrize("width", [390, 1100])
def test_a_real_browser_shows_it_without_sideways_scrolling(html, tmp_path, width):
    file = tmp_path / "report.html"
    probe = (
        "<script>document.title = document.documentElement.scrollWidth + ' of ' + innerWidth;"
        "</script></body>"
    )
    file.write_text(html.replace("</body>", probe), "utf-8")
    shown = subprocess.run(
        [
            CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
            "--no-first-run", "--disable-background-networking", "--disable-component-update",
            "--disable-sync", f"--user-data-dir={tmp_path / 'profile'}",
            f"--window-size={width},1200", "--dump-dom", file.as_uri(),
        ],
        capture_output=True, text=True, timeout=120, check=True,
    ).stdout  # fmt: skip
    found = re.search(r"<title>(\d+) of (\d+)</title>", shown)
    assert found is not None
    assert int(found[1]) <= int(found[2])


def test_where_nothing_was_compared_no_empty_table_is_shown(journal):
    journal.record_verification("old-to-new", Verification("old-to-new").text())
    nothing = page(certify(journal, "old-to-new"))
    assert "Nothing: no lead of this job is there." in nothing
    assert "0 of 0" not in nothing
    found = Verification("old-to-new", 2, 2, merged=2)
    journal.record_verification("old-to-new", found.text())
    shared = page(certify(journal, "old-to-new"))
    assert "2 of 2 leads found again, 0 compared." in shared
    assert "differ without notice" not in shared
