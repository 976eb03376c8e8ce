# ruff: noqa: INP001  # a script, no package
"""Writes the parts of the documentation that the declarations already say.

`python docs/generate.py` rewrites every block between `<!-- generated: NAME -->` and
`<!-- end -->`, and the module that holds the program's own help; with `--check` it only names the
files that are out of date.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import library_blocks
import vendor_blocks

ROOT = Path(__file__).resolve().parent.parent
_BLOCK = re.compile(r"(<!-- generated: ([a-z-]+) -->\n).*?(<!-- end -->)", re.DOTALL)

BLOCKS: Mapping[str, Callable[[], str]] = {
    "announcements": library_blocks.announcements,
    "capabilities": vendor_blocks.capabilities,
    "commands": library_blocks.commands,
    "connection": library_blocks.connection,
    "errors": library_blocks.error_tree,
    "fidelity-overview": vendor_blocks.fidelity_overview,
    "fidelity-tables": vendor_blocks.fidelity_tables,
    "filters": vendor_blocks.filters,
    "hooks": library_blocks.hooks,
    "layers": library_blocks.layers,
    "lead-paths": vendor_blocks.lead_paths,
    "settings": vendor_blocks.settings,
    "vendor-tables": vendor_blocks.vendor_tables,
    "vocabularies": library_blocks.vocabularies,
}


def rendered(text: str) -> str:
    """Return a page with every generated block filled anew."""
    return _BLOCK.sub(lambda found: f"{found[1]}\n{BLOCKS[found[2]]()}\n\n{found[3]}", text)


def main() -> int:
    """Rewrite the pages, or with `--check` name those that are out of date and fail."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="change nothing; fail if stale")
    parser.add_argument("--root", type=Path, default=ROOT, help="the folder with README and docs")
    asked = parser.parse_args()
    stale = 0
    pages = (asked.root / "README.md", *sorted((asked.root / "docs").rglob("*.md")))
    for page in (*pages, *(asked.root / "src").rglob("help_page.py")):
        text = page.read_text("utf-8")
        fresh = library_blocks.help_page() if page.suffix == ".py" else rendered(text)
        if fresh != text:
            stale += 1
            sys.stdout.write(f"{page.relative_to(asked.root)}\n")
            if not asked.check:
                page.write_text(fresh, "utf-8")
    return 1 if stale and asked.check else 0


if __name__ == "__main__":
    sys.exit(main())
