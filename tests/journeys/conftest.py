"""A browser and a clinic for each file of journeys; without a browser they are skipped, loudly."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.journeys.house import House, house_in, seeded
from tests.journeys.visiting import Visitor

FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-dev-shm-usage",
)  # fmt: skip
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}
HERE = Path(__file__).parent
NO_BROWSER = "NO BROWSER: install Chromium (or set OVERSTORY_CHROMIUM) to run the journeys"


def chromium_path() -> str | None:
    """Return where Chromium is on this machine, if it is."""
    named = os.environ.get("OVERSTORY_CHROMIUM")
    if named:
        return named
    return next((found for name in NAMES if (found := shutil.which(name))), None)


@pytest.fixture(scope="session", autouse=True)
def browser_is_there() -> None:
    """Skip the journeys where there is no browser; in CI that is a failure."""
    if chromium_path() is None:
        assert os.environ.get("CI") != "true", NO_BROWSER
        pytest.skip(NO_BROWSER)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item):
    """Give all that was skipped for want of a browser one place, so that it is told in one line."""
    report = yield
    if report.skipped and NO_BROWSER in str(report.longrepr):
        report.longrepr = (str(Path(__file__)), 1, f"Skipped: {NO_BROWSER}")
    return report


def shared_folder(tmp_path_factory) -> Path:
    """Return a folder that all workers of a run share."""
    folder = tmp_path_factory.getbasetemp()
    return folder.parent if os.environ.get("PYTEST_XDIST_WORKER") else folder


@pytest.fixture(scope="session")
def seeded_home(tmp_path_factory) -> Path:
    """A home with the demo in it, made once for all files and workers."""
    return seeded(shared_folder(tmp_path_factory))


@pytest.fixture(scope="module")
def house(tmp_path_factory, seeded_home) -> Iterator[House]:
    """The clinic of one file of journeys, open on Monday at ten."""
    made = house_in(tmp_path_factory.mktemp("house"), seeded_home)
    try:
        made.open()
        yield made
    finally:
        made.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    """A browser; closed after each file, so that nothing else runs beside its loop."""
    from playwright.sync_api import sync_playwright

    found = chromium_path()
    assert found, NO_BROWSER
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=found, args=list(FLAGS))
        yield opened
        opened.close()


@pytest.fixture
def someone(browser, house) -> Iterator[Callable[..., Visitor]]:
    """Make a visitor with a browser of their own: `someone()` at a desk, `someone(phone=True)`."""
    made = []

    def come(*, phone: bool = False) -> Visitor:
        more = {"is_mobile": True, "has_touch": True} if phone else {}
        context = browser.new_context(viewport=PHONE if phone else DESK, locale="en-US", **more)
        context.set_default_timeout(15_000)
        visitor = Visitor(context, house.address)
        made.append(visitor)
        return visitor

    yield come
    for each in made:
        each.leave()
