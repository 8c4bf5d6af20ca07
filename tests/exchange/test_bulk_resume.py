"""Killed at any moment and run again, an ingest goes on, and its result is the same bytes."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from benchmarks.ingest import write_export
from tests.exchange.bulk_export import run_ingest, write_lines
from tests.exchange.fhir.documents import patient

PROGRAM = [sys.executable, "-c", "from overstory.cli.ingest import ingest; ingest()"]
AT = "2026-11-22T10:00:00-05:00"
PIECES = ["--piece-mb", "0.1"]


@pytest.fixture(scope="module")
def export(tmp_path_factory):
    folder = tmp_path_factory.mktemp("resume") / "export"
    write_export(folder, resources=4_000, compress=True)
    return folder


@pytest.fixture(scope="module")
def whole(export):
    out = export.parent / "whole.parquet"
    status, said = run_ingest(export, out, *PIECES)
    assert status == 0, said
    return out.read_bytes()


def begin(export, out, *more, jobs="2"):
    command = [*PROGRAM, str(export), "--out", str(out), "--at", AT, *PIECES, "--jobs", jobs, *more]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True, text=True
    )


def finish(export, out, *, jobs="1"):
    """Run it to its end; return its exit status and all that it said."""
    run = begin(export, out, jobs=jobs)
    said, _ = run.communicate(timeout=120)
    return run.returncode, said


def end(run, *, whole_group=False):
    """Kill a run as nothing can be caught; its processes must end with it, or this waits in vain."""
    if whole_group:
        os.killpg(run.pid, signal.SIGKILL)
    else:
        os.kill(run.pid, signal.SIGKILL)
    run.communicate(timeout=30)


def children(process):
    found = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return [int(each) for each in found]


def is_alive(process):
    try:
        return Path(f"/proc/{process}/stat").read_text().split()[2] != "Z"
    except OSError:
        return False


def wait_until(is_so, *, running):
    """Wait for a moment of the run; it must come before the run ends."""
    limit = time.monotonic() + 60
    while not is_so():
        assert running.poll() is None, running.stdout.read()
        assert time.monotonic() < limit
        time.sleep(0.001)


def count(work, pattern):
    return len(list(work.glob(pattern)))


MOMENTS = {
    "at the first file of the work folder": lambda work: count(work, "*") >= 1,
    "after one stretch": lambda work: count(work, "stretch-*.json") >= 1,
    "when the plan stands": lambda work: count(work, "plan.json") == 1,
    "after three parts": lambda work: count(work, "part-*.json") >= 3,
    "after ten parts": lambda work: count(work, "part-*.json") >= 10,
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_killed_and_run_again_the_table_is_the_same_bytes(export, whole, tmp_path, moment):
    out = tmp_path / "facts.parquet"
    work = tmp_path / "facts.parquet.work"
    first = begin(export, out)
    wait_until(lambda: MOMENTS[moment](work), running=first)
    workers = children(first.pid)

    end(first)
    was_whole = out.exists()
    status, said = finish(export, out)

    assert not was_whole
    assert status == 0, said
    assert "starting over" not in said
    assert out.read_bytes() == whole
    assert not work.exists()
    assert not any(is_alive(each) for each in workers)


def test_killed_again_and_again_it_comes_to_its_end(export, whole, tmp_path):
    out, work = tmp_path / "facts.parquet", tmp_path / "facts.parquet.work"
    for parts in (1, 6):
        run = begin(export, out)
        wait_until(lambda parts=parts: count(work, "part-*.json") >= parts, running=run)
        end(run, whole_group=True)

    status, said = finish(export, out)

    assert status == 0, said
    assert out.read_bytes() == whole


def test_what_was_done_is_not_done_again(export, tmp_path):
    out, work = tmp_path / "facts.parquet", tmp_path / "facts.parquet.work"
    run = begin(export, out)
    wait_until(lambda: count(work, "part-*.json") >= 5, running=run)
    end(run, whole_group=True)
    before = {each.name: each.stat().st_mtime_ns for each in work.glob("*.json")}

    again = begin(export, out)
    after: dict[str, int] = {}
    while again.poll() is None:
        try:
            after |= {each.name: each.stat().st_mtime_ns for each in work.glob("*.json")}
        except FileNotFoundError:
            continue

    again.communicate(timeout=30)
    assert again.returncode == 0
    assert sum(name.startswith("part-") for name in before) >= 5
    assert {name: after[name] for name in before} == before


def test_ctrl_c_ends_with_130_and_says_how_to_go_on(export, whole, tmp_path):
    out, work = tmp_path / "facts.parquet", tmp_path / "facts.parquet.work"
    run = begin(export, out)
    wait_until(lambda: count(work, "part-*.json") >= 2, running=run)
    workers = children(run.pid)

    os.killpg(run.pid, signal.SIGINT)
    said, _ = run.communicate(timeout=60)
    finish(export, out)

    assert run.returncode == 130, said
    assert "run the same command again to go on from here" in said
    assert "Traceback" not in said
    assert not any(is_alive(each) for each in workers)
    assert out.read_bytes() == whole


def test_a_worker_killed_from_outside_is_told_and_can_be_resumed(export, whole, tmp_path):
    out, work = tmp_path / "facts.parquet", tmp_path / "facts.parquet.work"
    run = begin(export, out)
    wait_until(lambda: count(work, "part-*.json") >= 2, running=run)

    for each in children(run.pid)[-1:]:
        os.kill(each, signal.SIGKILL)
    said, _ = run.communicate(timeout=60)
    finish(export, out)

    assert run.returncode == 2
    assert "is there enough memory" in said
    assert "Traceback" not in said
    assert out.read_bytes() == whole


def test_the_number_of_processes_has_no_weight(export, whole, tmp_path):
    status, said = finish(export, tmp_path / "facts.parquet", jobs="3")

    assert status == 0, said
    assert (tmp_path / "facts.parquet").read_bytes() == whole


def test_a_disk_without_room_is_told_and_with_room_the_run_goes_on(export, whole, tmp_path):
    out = tmp_path / "facts.parquet"
    words = [*PROGRAM, str(export), "--out", str(out), "--at", AT, *PIECES, "--jobs", "2"]
    limited = ["sh", "-c", 'ulimit -f 200; exec "$@"', "sh", *words]

    full = subprocess.run(limited, capture_output=True, text=True, check=False)
    status, said = finish(export, out)

    assert full.returncode == 2
    assert "too large; run the same command again to go on from here" in full.stderr.lower()
    assert status == 0, said
    assert out.read_bytes() == whole


def stopped_half_way(export, out):
    """Leave a work folder behind, as a run that met a line it could not read."""
    write_lines(export / "A.ndjson", [patient(birthDate="1982-03-04")])
    (export / "B.ndjson").write_text("not JSON\n")
    status, _ = run_ingest(export, out)
    assert status == 2
    assert out.with_name("facts.parquet.work").is_dir()


def test_another_moment_starts_over_and_says_so(tmp_path):
    (tmp_path / "export").mkdir()
    out = tmp_path / "facts.parquet"
    stopped_half_way(tmp_path / "export", out)

    later = "2027-11-22T10:00:00-05:00"
    status, said = run_ingest(tmp_path / "export", out, "--skip-bad", at=later)

    assert status == 0
    assert "starting over: it was begun for another moment (--at)" in said


def test_changed_files_start_over_and_say_so(tmp_path):
    (tmp_path / "export").mkdir()
    out = tmp_path / "facts.parquet"
    stopped_half_way(tmp_path / "export", out)
    write_lines(tmp_path / "export" / "B.ndjson", [patient(id="ole")])

    status, said = run_ingest(tmp_path / "export", out)

    assert status == 0
    assert "starting over: the files of the export have changed" in said
    assert "2 people" in said


def test_the_bad_line_passed_over_the_run_goes_on(tmp_path):
    (tmp_path / "export").mkdir()
    out = tmp_path / "facts.parquet"
    stopped_half_way(tmp_path / "export", out)

    status, said = run_ingest(tmp_path / "export", out, "--skip-bad")

    assert status == 0
    assert "starting over" not in said
    assert "1 lines that could not be read" in said


def test_two_runs_do_not_work_in_one_folder_and_nobody_else_may_look_into_it(export, tmp_path):
    out, work = tmp_path / "facts.parquet", tmp_path / "facts.parquet.work"
    run = begin(export, out)
    wait_until(lambda: count(work, "stretch-*.json") >= 1, running=run)

    mode = work.stat().st_mode & 0o777
    status, said = run_ingest(export, out, *PIECES)
    run.communicate(timeout=120)

    assert mode == 0o700
    assert status == 2
    assert "another run is at work here" in said
    assert run.returncode == 0
