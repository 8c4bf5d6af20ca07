"""Passkeys and codes in a real browser, against a real server: enrolled, used to sign in and to sign."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-dev-shm-usage",
]  # fmt: skip
MADE = """
from datetime import UTC, datetime
from overstory.clinic.config.opening import make_tables, open_clinic
open_clinic(make=True)
make_tables()
from overstory.clinic.people.actions import staff
from overstory.clinic.people.models import Clinic, Site, Staff, StaffRole
clinic = Clinic.objects.create(name="Fern Clinic")
Site.objects.create(clinic=clinic, slug="fern", name="Fern", time_zone="America/New_York",
                    phone="+1 555 0100", address="1 Invented Street")
lead = Staff.objects.create_user("lead@example.org", None, clinic=clinic, name="Lena Lead", called="Lena")
StaffRole.objects.create(staff=lead, role="manager")
print(staff.invite(clinic=clinic, email="nia@example.org", name="Nia Newcomer",
                   roles=[staff.Role.PSYCHIATRIST, staff.Role.MANAGER], by=lead, at=datetime.now(UTC)))
"""


def clinic_env(home: Path, port: int) -> dict[str, str]:
    left_out = {"DATABASE_URL", "DJANGO_SETTINGS_MODULE"}
    env = {k: v for k, v in os.environ.items() if k not in left_out}
    return {**env, "OVERSTORY_HOME": str(home), "OVERSTORY_ORIGIN": f"http://localhost:{port}"}


@pytest.fixture
def served(tmp_path, request):
    """A clinic with one invitation, served; its address and the token of the invitation."""
    if CHROMIUM is None:
        if os.environ.get("CI") == "true":
            pytest.fail("NOT TESTED IN A BROWSER: there is no Chromium")
        pytest.skip("NOT TESTED IN A BROWSER: there is no Chromium")
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
    env = clinic_env(tmp_path, port)
    made = subprocess.run(
        [sys.executable, "-c", MADE], env=env, capture_output=True, text=True, check=True
    )
    server = subprocess.Popen(
        [sys.executable, "-m", "overstory.cli", "serve", "--port", str(port), "--workers", "1", "--no-worker"],
        env={**env, **getattr(request, "param", {})}, cwd=Path(__file__).parents[2],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        address = f"http://localhost:{port}"
        for _ in range(200):
            try:
                urllib.request.urlopen(f"{address}/sign-in/", timeout=5).close()  # noqa: S310 - our own
                break
            except OSError:
                time.sleep(0.2)
        yield address, made.stdout.split()[-1]
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(40)


@pytest.fixture
def page(served):
    """A page of a browser with a platform authenticator; console errors fail the test."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        context = browser.new_context()
        shown = context.new_page()
        wrong: list[str] = []
        shown.on("console", lambda said: wrong.append(said.text) if is_wrong(said) else None)
        shown.on("pageerror", lambda error: wrong.append(str(error)))
        devtools = context.new_cdp_session(shown)
        devtools.send("WebAuthn.enable")
        devtools.send(
            "WebAuthn.addVirtualAuthenticator",
            {"options": {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True,
                         "hasUserVerification": True, "isUserVerified": True,
                         "automaticPresenceSimulation": True}},
        )  # fmt: skip
        yield shown
        browser.close()
        assert not wrong, wrong


def is_wrong(said) -> bool:
    """Whether a line of the console is an error; a page that asks who signs answers 403, as it should."""
    asked_for = str(said.location.get("url", ""))
    return said.type == "error" and not asked_for.endswith(("/sign-this/", "/favicon.ico"))


def code_of(secret: str) -> str:
    from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def sign_out(page, address):
    page.goto(f"{address}/sign-out/")
    with page.expect_navigation():
        page.get_by_role("button", name="Sign out").click()


def test_an_invited_nurse_enrols_an_app_and_a_passkey_and_signs_in_with_each(served, page):
    address, token = served
    page.goto(f"{address}/invitation/{token}/")
    page.get_by_label("Password", exact=True).fill("quiet-river-stone-9")
    page.get_by_label("Password again").fill("quiet-river-stone-9")
    page.get_by_role("button", name="Make my account").click()

    page.get_by_role("link", name="Set up an app").click()
    secret = page.locator("code").inner_text()
    page.get_by_label("Authenticator code").fill(code_of(secret))
    page.get_by_role("button", name="Set up").click()
    codes = re.findall(r"\w{6,}", page.locator("pre").inner_text())
    assert len(codes) == 10

    page.goto(f"{address}/account/second-factor/webauthn/add/")
    page.get_by_label("Passwordless").check()
    with page.expect_navigation(url=re.compile(r"/second-factor/(?!webauthn/add)")):
        page.get_by_role("button", name="Add").click()
    page.goto(f"{address}/account/second-factor/")
    page.get_by_text("1 set up").wait_for()

    page.goto(f"{address}/people/")
    page.get_by_role("heading", name="People").wait_for()

    sign_out(page, address)
    page.goto(f"{address}/sign-in/?next=/people/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(f"{address}/people/")
    page.get_by_role("heading", name="People").wait_for()

    sign_out(page, address)
    page.goto(f"{address}/sign-in/?next=/people/")
    page.get_by_label("Email").fill("nia@example.org")
    page.get_by_label("Password").fill("quiet-river-stone-9")
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_label("Code").fill(codes[0])
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{address}/people/")

    sign_out(page, address)
    page.goto(f"{address}/sign-in/")
    page.get_by_label("Email").fill("nia@example.org")
    page.get_by_label("Password").fill("quiet-river-stone-9")
    page.get_by_role("button", name="Sign in", exact=True).click()
    with page.expect_navigation(url=f"{address}/"):
        page.get_by_role("button", name="Use a passkey or security key").click()
    page.goto(f"{address}/staff/")
    page.get_by_role("heading", name="Staff").wait_for()


@pytest.mark.parametrize(
    "served", [{"DJANGO_SETTINGS_MODULE": "tests.clinic.signing_settings"}], indirect=True
)
def test_a_passkey_proves_who_signs_and_what_was_sent_goes_on(served, page):
    address, token = served
    page.goto(f"{address}/invitation/{token}/")
    page.get_by_label("Password", exact=True).fill("quiet-river-stone-9")
    page.get_by_label("Password again").fill("quiet-river-stone-9")
    page.get_by_role("button", name="Make my account").click()
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_role("button", name="Add").click()
    page.wait_for_url(f"{address}/account/second-factor/recovery-codes/")

    page.goto(f"{address}/sign-this/")
    page.get_by_label("Note").fill('he said "yes" & <b>left</b>')
    with page.expect_response(f"{address}/sign-this/") as asked:
        page.get_by_role("button", name="Sign").click()
    assert asked.value.status == 403
    page.get_by_role("button", name="Use a passkey and sign").click()

    page.get_by_text("signed 7").wait_for()
    assert 'he said "yes" & <b>left</b>' in page.locator("body").inner_text()
