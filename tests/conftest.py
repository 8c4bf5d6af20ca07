"""How generated tests run: anew each time at a desk; the same examples each time where they are the gate."""

import os

from hypothesis import settings

settings.register_profile("gate", derandomize=True)
if os.environ.get("CI") == "true":
    settings.load_profile("gate")
