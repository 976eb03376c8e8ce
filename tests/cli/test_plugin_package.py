"""A stranger's package beside leadgateway: shown in the matrix, and moved from by the program."""

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from tests.cli.programs import ran
from tests.plugins.distributions import lay_out

SOURCE = Path(__file__).parent.parent / "plugins" / "tinycrm" / "leadgateway_tinycrm.py"
PEOPLE = [
    {"key": "1", "who": "Ana Souza", "mail": "ana@example.com", "memo": "calls back"},
    {"key": "2", "who": "Bo", "mail": None, "memo": None},
    {"key": "3", "who": None, "mail": "cy@example.com", "memo": "x"},
]


class TinyServer(BaseHTTPRequestHandler):
    """One person a page."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        start = int(self.path.partition("after=")[2] or 0)
        after = str(start + 1) if start + 1 < len(PEOPLE) else None
        body = json.dumps({"people": PEOPLE[start : start + 1], "after": after}).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words: object) -> None:
        pass


@contextmanager
def serving():
    with ThreadingHTTPServer(("127.0.0.1", 0), TinyServer) as listening:
        thread = threading.Thread(target=listening.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{listening.server_port}"
        listening.shutdown()
        thread.join()


@pytest.fixture
def packages(tmp_path):
    """A folder of installed packages with the stranger's in it."""
    folder = tmp_path / "packages"
    folder.mkdir()
    modules = {"leadgateway_tinycrm": SOURCE.read_text("utf-8")}
    lay_out(folder, "leadgateway-tinycrm", {"tinycrm": "leadgateway_tinycrm"}, modules)
    return folder


def test_a_package_of_sixty_lines_is_in_the_matrix_and_moves_its_leads(
    packages, tmp_path, sites, saved
):
    assert len(SOURCE.read_text("utf-8").splitlines()) <= 60

    def program(*words):
        return ran(*words, cwd=tmp_path, PYTHONPATH=str(packages))

    matrix = program("vendors").stdout
    assert "tinycrm" in matrix.splitlines()[0]
    assert "Tiny CRM" in matrix.splitlines()[1]
    target = sites.start("mega")
    with serving() as url:
        settings = {"vendor": "tinycrm", "token": "t", "base_url": url}
        (tmp_path / "tiny.json").write_text(json.dumps(settings))
        words = ["migrate", "--from", "@tiny.json", "--to", saved(target), "--json"]
        refused = program(*words)
        assert (refused.returncode, json.loads(refused.stdout)["refused"]) == (2, ["notes"])
        done = program(*words, "--accept", "notes")
    assert done.returncode == 0, done.stderr
    shown = json.loads(done.stdout)
    assert (shown["read"], shown["counts"]["created"], shown["adds_up"]) == (3, 3, True)
    assert [row["contact_name"] for row in target.dump()] == ["Ana Souza", "Bo", None]
