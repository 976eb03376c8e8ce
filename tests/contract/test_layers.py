"""Who imports what, read from the source: a second net under the layer contracts."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SRC = ROOT / "src" / "leadgateway"
ADAPTERS = ROOT / "adapters"
CLIENTS = {"httpx", "httpx2", "httpcore", "httpcore2", "aiohttp", "requests", "urllib3"}
WORLD = {
    "asyncio", "http.client", "os", "random", "secrets", "select", "socket",
    "sqlalchemy", "sqlite3", "subprocess", "threading", "time", "urllib.request",
}  # fmt: skip
EFFECTS = {
    "__init__.py", "__main__.py", "aio.py", "config.py", "gateway.py",
    "cli/", "drivers/", "journal/", "simulator/", "transfer/",
}  # fmt: skip
"""What of the core may touch the world; everything else is pure."""


def modules() -> list[Path]:
    return sorted([*SRC.rglob("*.py"), *ADAPTERS.rglob("*.py")])


def name_of(path: Path) -> str:
    home = SRC if path.is_relative_to(SRC) else ADAPTERS
    return path.relative_to(home).as_posix()


def imported(source: str) -> Iterator[str]:
    """Yield every module that a source imports, wherever in it, by an import or by name."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def called(source: str) -> set[str]:
    """Return the plain names that a source calls."""
    calls = (node.func for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
    return {func.id for func in calls if isinstance(func, ast.Name)}


def touches(source: str, forbidden: set[str]) -> set[str]:
    return {
        each
        for each in forbidden
        for name in imported(source)
        if name == each or name.startswith(f"{each}.")
    }


def pure() -> list[Path]:
    return [
        path
        for path in modules()
        if path.is_relative_to(ADAPTERS) or not name_of(path).startswith(tuple(EFFECTS))
    ]


@pytest.mark.parametrize("path", pure(), ids=name_of)
def test_what_is_pure_touches_no_network_no_clock_no_chance_and_no_environment(path):
    source = path.read_text("utf-8")
    assert touches(source, WORLD | CLIENTS) == set()
    reads_clock = re.search(r"\b(?:datetime|date)\.(?:now|today|utcnow)\(", source)
    assert reads_clock is None
    assert called(source).isdisjoint({"__import__", "eval", "exec", "input", "open", "print"})


def test_only_the_drivers_import_an_http_client():
    guilty = {
        name_of(path)
        for path in modules()
        if touches(path.read_text("utf-8"), CLIENTS) and not name_of(path).startswith("drivers/")
    }
    assert guilty == set()


def test_only_hookspecs_and_plugins_import_pluggy():
    guilty = {name_of(path) for path in modules() if touches(path.read_text("utf-8"), {"pluggy"})}
    assert guilty == {"hookspecs.py", "plugins.py"}


def vendor_words() -> set[str]:
    """Return the vendors' names, and the hosts their own settings name."""
    packages = {path.name.removeprefix("leadgateway_") for path in ADAPTERS.glob("leadgateway_*")}
    assert len(packages) >= 4
    hosts = {
        host
        for path in ADAPTERS.rglob("*.py")
        for host in re.findall(
            r"https://(?:[a-z{}]+\.)*([a-z]+)\.(?:ai|com|io)\b", path.read_text()
        )
    }
    return packages | {name.replace("_", " ") for name in packages} | hosts


@pytest.mark.parametrize("path", sorted(SRC.rglob("*")), ids=lambda path: str(path.name))
def test_no_vendor_is_named_in_the_core(path):
    if path.is_dir() or path.suffix == ".pyc":
        return
    text = path.read_text("utf-8").lower()
    assert {word for word in vendor_words() if re.search(rf"\b{re.escape(word)}\b", text)} == set()


def test_a_simulator_shares_no_module_with_its_adapter():
    for package in ADAPTERS.glob("leadgateway_*"):
        ours = {f"{package.name}.{path.stem}" for path in package.glob("*.py")}
        allowed = {name for name in ours if ".simulator" in name}
        for path in package.glob("simulator*.py"):
            known = {name for name in imported(path.read_text("utf-8")) if name in ours}
            assert known <= allowed, path


def test_the_net_holds():
    """What the scan must catch: hidden, renamed and nested imports."""
    for source in (
        "import httpx",
        "import httpx as h",
        "from httpx import Client",
        "from os import environ",
        "import os.path",
        "def f():\n    from time import sleep",
        "if True:\n    import random",
        "from urllib import request",
    ):
        assert touches(source, WORLD | CLIENTS), source
    assert called("def f(): return print(x.open(), [open(y)])") == {"print", "open"}
    assert not touches("import ossify; from timely import x; import urllib.parse", WORLD | CLIENTS)
    assert {"mega", "novala", "gomega", "expertailabs", "apollospace"} <= vendor_words()
