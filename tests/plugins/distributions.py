"""Distributions as an installer leaves them: modules, and a *.dist-info beside them."""

from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent


def lay_out(
    place: Path, name: str, entry_points: Mapping[str, str], modules: Mapping[str, str]
) -> None:
    """Put a distribution into `place` with `entry_points` in our group; `modules` are sources."""
    for module, source in modules.items():
        (place / f"{module}.py").write_text(dedent(source), "utf-8")
    information = place / f"{name.replace('-', '_')}-1.0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    lines = [f"{plugin} = {module}" for plugin, module in entry_points.items()]
    (information / "entry_points.txt").write_text("\n".join(["[leadgateway]", *lines, ""]))
