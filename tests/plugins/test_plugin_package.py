"""A stranger's package, laid out as an installer does, beside leadgateway in a new process."""

import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from tests.plugins.distributions import lay_out

PEOPLE = [{"key": str(n), "who": f"Ana {n}", "mail": f"ana{n}@example.com"} for n in range(5)]

PROGRAM = """
import json, sys
import leadgateway
from leadgateway import Lead

with leadgateway.connect("tinycrm", token="tiny-token", base_url=sys.argv[1]) as tiny:
    listed = [lead.email.address for lead in tiny.list_leads()]
    receipt = tiny.create_lead(Lead(name="Bo", email="bo@example.com"))
print(json.dumps({
    "vendors": leadgateway.Plugins.installed().vendors(),
    "listed": listed,
    "created": receipt.external_id,
    "moves": [f.path for f in leadgateway.fidelity("tinycrm", "novala").fields],
}))
"""


class TinyServer(BaseHTTPRequestHandler):
    """Two people a page, and a new one for each POST."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        start = int(self.path.partition("after=")[2] or 0)
        after = str(start + 2) if start + 2 < len(PEOPLE) else None
        self._answer(200, {"people": PEOPLE[start : start + 2], "after": after})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self._answer(201, {"key": "99", **body})

    def _answer(self, status: int, value: object) -> None:
        known = self.headers["authorization"] == "Bearer tiny-token"
        body = json.dumps(value if known else {"oops": "who are you"}).encode()
        self.send_response(status if known else 401)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words: object) -> None:
        pass


@pytest.fixture
def server():
    with ThreadingHTTPServer(("127.0.0.1", 0), TinyServer) as listening:
        thread = threading.Thread(target=listening.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{listening.server_port}"
        listening.shutdown()
        thread.join()


def test_a_package_of_sixty_lines_is_a_vendor_that_lists_and_creates(tmp_path, server, tinycrm):
    assert len(tinycrm.splitlines()) <= 60
    lay_out(
        tmp_path,
        "leadgateway-tinycrm",
        {"tinycrm": "leadgateway_tinycrm"},
        {"leadgateway_tinycrm": tinycrm},
    )
    environ = {k: v for k, v in os.environ.items() if not k.startswith("LEADGATEWAY_")}
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", PROGRAM, server],
        env={**environ, "PYTHONPATH": str(tmp_path)},
        cwd=tmp_path,
        capture_output=True,
        check=False,
        text=True,
        timeout=60,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert json.loads(ran.stdout) == {
        "vendors": ["apollo_space", "mega", "novala", "tinycrm", "v1_leads"],
        "listed": [person["mail"] for person in PEOPLE],
        "created": "99",
        "moves": ["name", "emails", "notes"],
    }
