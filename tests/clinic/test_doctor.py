"""The commands that run a clinic: migrate, doctor, audit; each says what is wrong and ends with it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from overstory.cli import main
from overstory.clinic.audit.heads import FILE, export, heads, line
from overstory.clinic.audit.record import Deed, record_all
from overstory.clinic.config import serving
from overstory.clinic.people.models import OnCall
from overstory.clinic.people.permissions import Role

COMMANDS = ["migrate", "serve", "worker", "doctor", "audit", "audit verify", "audit head"]


def outside(home: Path, *words: str, code: str = "", **more: str) -> subprocess.CompletedProcess:
    """Run the command in a process of its own, with a clinic of its own."""
    left_out = {"DATABASE_URL", "DJANGO_SETTINGS_MODULE", "OVERSTORY_ORIGIN"}
    env = {k: v for k, v in os.environ.items() if k not in left_out}
    program = ["-c", code] if code else ["-m", "overstory.cli", *words]
    return subprocess.run(
        [sys.executable, *program], env={**env, "OVERSTORY_HOME": str(home), **more},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_an_example(command):
    done = CliRunner().invoke(main, [*command.split(), "--help"])

    assert done.exit_code == 0
    assert f"Example: overstory {command}" in " ".join(done.output.split())


def test_a_new_clinic_is_migrated_and_found_in_order(tmp_path):
    home = tmp_path / "clinic"

    made, again = outside(home, "migrate"), outside(home, "migrate")
    told = outside(home, "doctor", "--json")

    assert made.returncode == 0, made.stderr
    assert again.stdout.startswith("0 steps")
    assert told.returncode == 0, told.stdout + told.stderr
    found = {each["what"]: each["state"] for each in json.loads(told.stdout)["findings"]}
    assert found["tables"] == found["keys"] == found["database"] == found["knowledge"] == "ok"
    assert found["mail"] == "note"
    assert (home / "keys.json").stat().st_mode & 0o777 == 0o600


def test_a_folder_without_keys_is_wrong_and_says_how(tmp_path):
    done = outside(tmp_path / "none", "doctor", "--json")

    assert done.returncode == 1
    assert "overstory serve" in json.loads(done.stdout)["findings"][0]["says"]


def test_keys_that_others_may_read_are_wrong(tmp_path):
    outside(tmp_path / "c", "migrate")
    (tmp_path / "c" / "keys.json").chmod(0o644)

    done = outside(tmp_path / "c", "doctor")

    assert done.returncode == 1
    assert "chmod 600" in done.stdout


def test_tables_that_are_behind_are_wrong(tmp_path):
    home = tmp_path / "c"
    outside(home, code="from overstory.clinic.config.opening import open_clinic as o; o(make=True)")

    done = outside(home, "doctor", "--json")

    assert done.returncode == 1
    assert json.loads(done.stdout)["findings"][-1]["what"] == "tables"


def test_an_address_of_a_database_that_is_none_ends_with_2(tmp_path):
    outside(tmp_path / "c", "migrate")

    done = outside(tmp_path / "c", "audit", "verify", DATABASE_URL="mysql://x/y")

    assert done.returncode == 2
    assert "postgresql://" in done.stderr
    assert "Traceback" not in done.stderr


def test_without_the_extra_a_command_says_which_to_install(tmp_path):
    code = (
        "import sys; sys.modules['django'] = None; sys.modules['cryptography'] = None\n"
        "from overstory.cli import main; main(['audit', 'verify'])"
    )

    done = outside(tmp_path, code=code)

    assert done.returncode == 2
    assert "overstory[clinic]" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_commands_of_the_library_do_not_import_django():
    code = (
        "import sys; from click.testing import CliRunner; from overstory.cli import main\n"
        "CliRunner().invoke(main, ['--help']); CliRunner().invoke(main, ['serve', '--help'])\n"
        "sys.exit('django' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def findings(now) -> dict:
    from overstory.cli.clinic_doctor import findings

    return {each.what: each for each in findings(now=now)}


def test_a_clinic_without_a_roster_or_a_worker_is_wrong_unless_it_is_invented(clinic, at):
    found = findings(at)
    assert found["on call, Fern Clinic"].state == "wrong"
    assert found["worker"].state == "wrong"

    clinic.is_invented = True
    clinic.save()

    found = findings(at)
    assert found["on call, Fern Clinic"].state == "note"
    assert found["worker"].state == "note"


def test_a_clinic_with_somebody_on_call_all_day_is_in_order(clinic, staff, at):
    OnCall.objects.create(
        clinic=clinic, staff=staff(Role.NURSE), starts=at - timedelta(hours=1),
        ends=at + timedelta(hours=25),
    )  # fmt: skip

    assert findings(at)["on call, Fern Clinic"].state == "ok"


def test_a_worker_that_beat_lately_is_in_order(clinic, at):
    from overstory.clinic.safety.models import WorkerBeat

    WorkerBeat.objects.create(worker="w", at=at - timedelta(seconds=90))
    assert findings(at)["worker"].state == "ok"
    assert findings(at + timedelta(seconds=31))["worker"].state == "wrong"


def test_sources_past_their_day_are_wrong(db):
    assert findings(datetime(2040, 1, 1, tzinfo=UTC))["knowledge"].state == "wrong"


def test_the_record_is_verified_and_its_ends_are_printed(clinic, at):
    record_all(Deed(clinic.pk, at, "system", f"did {n}") for n in range(3))

    verified = CliRunner().invoke(main, ["audit", "verify", "--json"])
    printed = CliRunner().invoke(main, ["audit", "head"])

    told = json.loads(verified.output)
    assert verified.exit_code == 0
    assert told["holds"]
    assert told["clinics"][0]["entries"] == 3
    assert json.loads(printed.output)["hash"] == told["clinics"][0]["head"]


def test_a_record_cut_with_its_end_shows_against_an_end_kept_outside(clinic, at, tmp_path):
    from django.db import connection

    from overstory.clinic.audit.models import Entry, Head

    record_all(Deed(clinic.pk, at, "system", f"did {n}") for n in range(3))
    kept = tmp_path / "heads.jsonl"
    kept.write_text("".join(f"{line(each)}\n" for each in heads(at=at)))
    before = Entry.objects.get(seq=2)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("DROP TRIGGER audit_entry_no_change ON audit_entry")
        cursor.execute("DELETE FROM audit_entry WHERE seq = 3")
    Head.objects.filter(pk=clinic.pk).update(seq=2, hash=before.hash)

    alone = CliRunner().invoke(main, ["audit", "verify"])
    against = CliRunner().invoke(main, ["audit", "verify", "--against", str(kept)])
    kept.write_text("no JSON\n")
    unread = CliRunner().invoke(main, ["audit", "verify", "--against", str(kept)])

    assert alone.exit_code == 0
    assert against.exit_code == 1
    assert "entry 3" in against.output
    assert unread.exit_code == 2
    assert "line 1" in unread.output


def test_the_ends_are_exported_once_an_hour(clinic, at, tmp_path):
    record_all([Deed(clinic.pk, at, "system", "did")])

    done = [export(tmp_path, at=at + timedelta(minutes=n)) for n in (0, 5, 59, 60, 61)]

    assert done == [True, False, False, True, False]
    assert len((tmp_path / FILE).read_text().splitlines()) == 2
    assert (tmp_path / FILE).stat().st_mode & 0o077 == 0


def test_several_processes_on_a_vulnerable_sqlite_are_refused(db, monkeypatch):
    from django.db import connection

    monkeypatch.setattr(serving, "sqlite_version", lambda: (3, 40, 1))
    if connection.vendor != "sqlite":
        serving.check_processes()
        return
    with pytest.raises(serving.SeveralProcessesError, match=r"3\.40\.1"):
        serving.check_processes()


def test_the_sqlite_in_use_is_a_safe_one(db):
    serving.check_processes()


def free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return held.getsockname()[1]


def wait_until(true, seconds=40.0) -> bool:
    last = time.monotonic() + seconds
    while time.monotonic() < last:
        if true():
            return True
        time.sleep(0.2)
    return False


def answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://localhost:{port}/sign-in/", timeout=5) as page:
            return page.status == 200
    except OSError:
        return False


def running(pid: int) -> bool:
    state = Path(f"/proc/{pid}/stat")
    return state.exists() and state.read_text().rsplit(")", 1)[1].split()[0] != "Z"


def children(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    threads = Path(f"/proc/{pid}/task").iterdir()
    found += [x for t in threads for x in (t / "children").read_text().split()]
    return sorted({int(each) for each in found})


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs /proc")
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_the_clinic_is_served_with_its_worker_and_both_end_with_it(tmp_path, how):
    port = free_port()
    left_out = {"DATABASE_URL", "DJANGO_SETTINGS_MODULE", "OVERSTORY_ORIGIN"}
    env = {k: v for k, v in os.environ.items() if k not in left_out}
    served = subprocess.Popen(
        [sys.executable, "-m", "overstory.cli", "serve", "--port", str(port), "--workers", "2"],
        env={**env, "OVERSTORY_HOME": str(tmp_path)}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        text=True,
    )  # fmt: skip
    below = []
    try:
        assert wait_until(lambda: answers(port)), "it never answered"
        below = children(served.pid)
        told = outside(tmp_path, "doctor", "--json")
        beats = wait_until(
            lambda: '"what":"worker","state":"ok"' in (outside(tmp_path, "doctor", "--json").stdout)
        )

        served.send_signal(how)

        served.wait(40)
        assert len(below) >= 3, below
        assert told.returncode == 0
        assert beats, "the worker never beat"
        gone = wait_until(lambda: not any(running(pid) for pid in below))
        assert gone, f"left behind: {[pid for pid in below if running(pid)]}"
    finally:
        if served.poll() is None:
            served.kill()
            served.wait()
        for pid in filter(running, below):
            os.kill(pid, signal.SIGKILL)
