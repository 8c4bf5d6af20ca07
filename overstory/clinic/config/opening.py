"""Opening the clinic in this process: its folder, its keys, Django, its tables."""

from __future__ import annotations

import os
from pathlib import Path

from overstory.clinic.config.keys import make_keys

SETTINGS = "overstory.clinic.config.settings"


def home() -> Path:
    """Return the clinic's folder: `OVERSTORY_HOME`, or `overstory-clinic` where one stands."""
    return Path(os.environ.get("OVERSTORY_HOME", "overstory-clinic")).absolute()


def open_clinic(*, make: bool = False) -> None:
    """
    Make Django ready in this process; with `make`, the folder and its keys too.

    :raises KeysError: if the keys are missing or not what they should be.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", SETTINGS)
    if make and os.environ["DJANGO_SETTINGS_MODULE"] == SETTINGS:
        make_keys(home())
    import django

    django.setup()


def make_tables() -> None:
    """Bring the tables of the rows and of the cache to what this release needs."""
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)
    call_command("createcachetable", verbosity=0)


def pending() -> list[str]:
    """Return the migrations that are still to run, as `app.name`."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{each.app_label}.{each.name}" for each, _ in plan]
