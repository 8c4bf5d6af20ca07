"""The clinic's settings, but that each signature asks for the second factor, and with a page to sign."""

from overstory.clinic.config.settings import *  # noqa: F403

STEP_UP_SECONDS = 0
ROOT_URLCONF = "tests.clinic.signing_urls"
