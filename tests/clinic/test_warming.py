"""A web process is ready before many threads ask it at once; msgspec (0.22) would crash it otherwise."""

from __future__ import annotations

import os
import subprocess
import sys

SCRIPT = """
import sys, threading
from overstory.clinic.config.opening import open_clinic
open_clinic(make=True)
from overstory.clinic.config.warming import warm
warm()
from overstory.knowledge.load import load_knowledge
sys.setswitchinterval(1e-5)
load_knowledge.cache_clear()
together = threading.Barrier(8)
def read():
    together.wait()
    load_knowledge()
threads = [threading.Thread(target=read) for _ in range(8)]
for each in threads: each.start()
for each in threads: each.join()
"""


def test_a_warm_process_reads_shapes_in_many_threads_at_once(tmp_path):
    env = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}

    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env={**env, "OVERSTORY_HOME": str(tmp_path / "home"), "DATABASE_URL": ""},
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert (done.returncode, done.stderr) == (0, "")
