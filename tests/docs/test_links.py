"""Every link between pages leads somewhere, and every page can be reached."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.docs.pages import DOCS, ROOT, anchors, images, links, name, pages

_HEAVY = 200_000


@pytest.mark.parametrize("page", pages(), ids=name)
def test_links_lead_to_files_and_headings_that_exist(page: Path) -> None:
    broken = []
    for link in links(page):
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert not broken


def test_pictures_exist_are_light_and_are_all_shown() -> None:
    shown = {(page.parent / image).resolve() for page in pages() for image in images(page)}
    assert shown == {path.resolve() for path in (DOCS / "images").iterdir()}
    assert {image.name for image in shown if image.stat().st_size > _HEAVY} == set()


def test_every_page_is_on_the_map() -> None:
    index = DOCS / "index.md"
    mapped = {(index.parent / link.partition("#")[0]).resolve() for link in links(index)}
    assert {page for page in pages() if page != index} <= mapped


def test_the_readme_leads_to_the_map() -> None:
    assert "docs/index.md" in set(links(ROOT / "README.md"))


def test_a_heading_gets_the_anchor_that_its_readers_use(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# A\n\n## Created, or `merged` into [another](x.md)?\n\n```sh\n# none\n```\n")
    assert anchors(page) == {"a", "created-or-merged-into-another"}
