"""The clinic's settings for tests: keys and rows in a folder of their own, quick hashing."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from overstory.clinic.config.keys import make_keys

if "OVERSTORY_HOME" not in os.environ:
    _home = tempfile.mkdtemp(prefix="overstory-test-")
    atexit.register(shutil.rmtree, _home, ignore_errors=True)
    os.environ["OVERSTORY_HOME"] = _home
make_keys(Path(os.environ["OVERSTORY_HOME"]))

from overstory.clinic.config.settings import *  # noqa: E402, F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
AUDIT_READS_SHARE_A_COMMIT = False
WATCH_READ_AGAIN_S = 0  # tests write rows without actions
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
DATABASES["default"].setdefault("TEST", {})  # noqa: F405
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):  # noqa: F405
    DATABASES["default"]["TEST"]["NAME"] = os.environ["OVERSTORY_HOME"] + "/test.sqlite3"  # noqa: F405
