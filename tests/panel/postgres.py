"""A PostgreSQL of the tests' own: made in a temporary folder, reached by a socket in it, gone at the end."""

import os
import pwd
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

TYPES = {"Boolean": "BOOLEAN", "Float64": "DOUBLE PRECISION", "String": "TEXT", "Date": "DATE"}


def programs():
    """The folder of initdb and pg_ctl, the newest first; None where there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)
    on_path = shutil.which("initdb")
    return found[0].parent if found else Path(on_path).parent if on_path else None


@contextmanager
def cluster():
    """A connection to a new and empty database; skips the test where none can be started."""
    home = programs()
    if home is None:
        not_tested("PostgreSQL is not installed (no initdb)")
    with tempfile.TemporaryDirectory(prefix="pg-", dir=Path(tempfile.gettempdir())) as folder:
        place, user = Path(folder) / "cluster", server_user(folder)
        run(
            user,
            home / "initdb",
            "-D",
            place,
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--no-sync",
            "-U",
            "test",
        )
        options = f"-k {folder} -c listen_addresses='' -c fsync=off"
        log = Path(folder) / "log"
        run(user, home / "pg_ctl", "-D", place, "-w", "-l", log, "-o", options, "start")
        try:
            with psycopg.connect(
                host=folder, user="test", dbname="postgres", autocommit=True
            ) as found:
                yield found
        finally:
            run(user, home / "pg_ctl", "-D", place, "-m", "immediate", "-w", "stop")


def not_tested(why):
    """Skip with one loud line; where tests are the gate, fail."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"NOT TESTED AGAINST THE DATABASE: {why}")
    pytest.skip(f"NOT TESTED AGAINST THE DATABASE: {why}")


def server_user(folder):
    """Who runs the server: it refuses root, for whom `postgres` stands in."""
    if os.geteuid() != 0:
        return None
    try:
        user = pwd.getpwnam("postgres")
    except KeyError:
        not_tested("root cannot run PostgreSQL, and there is no user postgres")
    os.chown(folder, user.pw_uid, user.pw_gid)
    return user


def run(user, *command):
    more = {} if user is None else {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    done = subprocess.run(
        [str(each) for each in command],
        capture_output=True,
        text=True,
        cwd="/",
        check=False,
        **more,
    )
    if done.returncode:
        not_tested(f"{command[0].name} ended with {done.returncode}: {done.stderr.strip()}")


def put(connection, table, *, name):
    """Make a table of the database from a frame."""
    columns = ", ".join(
        f'"{column}" {TYPES.get(str(kind), "TIMESTAMPTZ")}' for column, kind in table.schema.items()
    )
    connection.execute(f"DROP TABLE IF EXISTS {name}")
    connection.execute(f"CREATE TABLE {name} ({columns})")
    with connection.cursor().copy(f"COPY {name} FROM STDIN") as copy:
        for row in table.iter_rows():
            copy.write_row(row)
