"""Starts a PostgreSQL in a temporary folder, runs a command with DATABASE_URL set to it, stops it."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import quote

NAME = "clinic"


def main() -> int:
    """Run the command of the arguments; return its exit status."""
    if len(sys.argv) < 2:
        print("usage: tools/on_postgresql.sh COMMAND [ARGUMENT…]", file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the server is stopped too
    home = programs()
    if home is None:
        return not_tested("PostgreSQL is not installed (no initdb)")
    with tempfile.TemporaryDirectory(prefix="pg-") as folder:
        try:
            user = server_user(folder)
            start(home, folder, user)
        except RuntimeError as error:
            return not_tested(str(error))
        try:
            address = f"postgresql://test@/{NAME}?host={quote(folder, safe='')}"
            done = subprocess.run(  # noqa: S603 - the command that was asked for
                sys.argv[1:], check=False, env={**os.environ, "DATABASE_URL": address}
            )
            return done.returncode
        finally:
            run(user, home / "pg_ctl", "-D", f"{folder}/cluster", "-m", "immediate", "-w", "stop")


def start(home: Path, folder: str, user: pwd.struct_passwd | None) -> None:
    """Make a cluster and its one database, reached by a socket in the folder."""
    place, log = f"{folder}/cluster", f"{folder}/log"
    run(user, home / "initdb", "-D", place, "-A", "trust", "-E", "UTF8", "--no-sync", "-U", "test")
    options = f"-k {folder} -c listen_addresses='' -c fsync=off -c max_connections=100"
    run(user, home / "pg_ctl", "-D", place, "-w", "-l", log, "-o", options, "start")
    run(user, home / "createdb", "-h", folder, "-U", "test", NAME)


def programs() -> Path | None:
    """Return the folder of initdb and pg_ctl, the newest first; None where there is none."""
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"),
        key=lambda path: int(path.parts[-3]) if path.parts[-3].isdigit() else 0,
    )
    on_path = shutil.which("initdb")
    return found[-1].parent if found else Path(on_path).parent if on_path else None


def server_user(folder: str) -> pwd.struct_passwd | None:
    """Return who runs the server: it refuses root, for whom `postgres` stands in."""
    if os.geteuid() != 0:
        return None
    try:
        user = pwd.getpwnam("postgres")
    except KeyError:
        raise RuntimeError("root cannot run PostgreSQL, and there is no user postgres") from None
    os.chown(folder, user.pw_uid, user.pw_gid)
    return user


def run(user: pwd.struct_passwd | None, *command: object) -> None:
    """
    Run a program of PostgreSQL as its user.

    :raises RuntimeError: if it fails.
    """
    words = [str(each) for each in command]
    more = {} if user is None else {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    done = subprocess.run(  # noqa: S603 - our own words
        words, capture_output=True, text=True, cwd="/", check=False, **more
    )
    if done.returncode:
        raise RuntimeError(f"{words[0]} ended with {done.returncode}: {done.stderr.strip()}")


def not_tested(why: str) -> int:
    """Say so in one loud line; where tests are the gate, fail."""
    print(f"NOT TESTED ON POSTGRESQL: {why}", file=sys.stderr)
    return 1 if os.environ.get("CI") == "true" else 0


if __name__ == "__main__":
    sys.exit(main())
