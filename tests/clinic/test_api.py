"""The worklist as JSON: the same rows as the page, refused nonsense, and no read where nothing is new."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from overstory.clinic.audit.models import Entry
from overstory.clinic.intake.models import CareRequest
from overstory.clinic.people.permissions import Role
from tests.clinic.conftest import AT

WORKLIST = "/api/worklist"


@pytest.fixture(autouse=True)
def now():
    with time_machine.travel(AT, tick=False) as clock:
        yield clock


def requested(site, name, *, due=timedelta(hours=2), late=timedelta(days=1), **fields):
    return CareRequest.objects.create(
        clinic=site.clinic, site=site, asker="self", reason="depression", name=name,
        received_at=AT - timedelta(days=3), due_at=AT + due, late_at=AT + due + late, **fields,
    )  # fmt: skip


def reads():
    return Entry.objects.filter(action="saw api_worklist")


def test_the_first_due_stands_first_with_what_a_caller_needs(site, signed_in, staff):
    owner = staff(Role.COORDINATOR, name="Odo Owner")
    later = requested(site, "Later Invented")
    first = requested(site, "First Invented", due=-timedelta(days=2), owner=owner)
    second = requested(site, "Second Invented", due=-timedelta(hours=1))

    answer = signed_in(Role.COORDINATOR).get(WORKLIST)

    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/json"
    assert answer["Cache-Control"] == "private, no-store"
    told = answer.json()
    assert [each["id"] for each in told["requests"]] == [
        str(first.pk), str(second.pk), str(later.pk)
    ]  # fmt: skip
    assert told["requests"][0] == {
        "id": str(first.pk),
        "name": "First Invented",
        "reason": "depression",
        "asker": "self",
        "received_at": "2026-11-20T15:00:00Z",
        "due_at": "2026-11-21T15:00:00Z",
        "late_at": "2026-11-22T15:00:00Z",
        "standing": "late",
        "owner": {"id": str(owner.pk), "name": "Odo Owner"},
        "site": {"slug": "fern-north", "name": "Fern North", "time_zone": "America/New_York"},
    }
    assert [each["standing"] for each in told["requests"][1:]] == ["overdue", "open"]
    assert told["requests"][1]["owner"] is None
    assert (told["of"], told["page"], told["has_next"]) == ("all", 1, False)


def test_closed_requests_and_those_of_another_clinic_are_not_there(
    site, other_site, signed_in, other_clinic
):
    requested(site, "Closed Invented", closed_at=AT, outcome="elsewhere")
    requested(other_site, "Zebulon Quist")

    answer = signed_in(Role.COORDINATOR).get(WORKLIST)

    assert answer.json()["requests"] == []
    assert b"Zebulon" not in answer.content


def test_one_asks_for_ones_own_or_for_those_without_an_owner(site, staff, signed_in):
    me = staff(Role.COORDINATOR)
    mine = requested(site, "Mine Invented", owner=me)
    nobodys = requested(site, "Nobodys Invented")
    client = signed_in(who=me)

    def ids(of):
        return [each["id"] for each in client.get(WORKLIST, {"of": of}).json()["requests"]]

    assert ids("mine") == [str(mine.pk)]
    assert ids("nobody") == [str(nobodys.pk)]


def test_a_page_has_twenty_and_says_whether_there_are_more(site, signed_in):
    for n in range(21):
        requested(site, f"Invented {n}", due=timedelta(hours=n))
    client = signed_in(Role.NURSE)

    first, second = (client.get(WORKLIST, {"page": n}).json() for n in (1, 2))

    assert [each["name"] for each in first["requests"]] == [f"Invented {n}" for n in range(20)]
    assert first["has_next"] is True
    assert [each["name"] for each in second["requests"]] == ["Invented 20"]
    assert second["has_next"] is False


@pytest.mark.parametrize(
    "asked",
    [
        "page=0", "page=-1", "page=10001", "page=1.5", "page=one", "page=", "page=1&page=2",
        "of=everyone", "of=", "of=ALL", "sort=name", "order=due_at", "page=1;drop", "page=true",
    ],
)  # fmt: skip
def test_nonsense_is_refused_with_the_reason_and_shows_nobody(site, signed_in, asked):
    requested(site, "Quillon Invented")

    answer = signed_in(Role.COORDINATOR).get(f"{WORKLIST}?{asked}")

    assert answer.status_code == 422
    assert answer.json()["error"]
    assert b"Quillon" not in answer.content
    assert not reads().exists()


def test_what_was_shown_is_recorded_as_by_the_page(site, staff, signed_in):
    me = staff(Role.COORDINATOR)
    shown = [requested(site, f"Invented {n}", due=timedelta(hours=n)) for n in range(2)]

    signed_in(who=me).get(WORKLIST)

    entry = reads().get()
    assert (entry.clinic, entry.actor, entry.subject) == (site.clinic_id, f"staff:{me.pk}", "")
    assert entry.more == {"subjects": [f"request:{each.pk}" for each in shown]}


def test_nothing_new_is_304_without_a_body_and_without_a_read(site, signed_in):
    requested(site, "Rowan Invented")
    client = signed_in(Role.COORDINATOR)
    tag = client.get(WORKLIST)["ETag"]

    again = client.get(WORKLIST, headers={"If-None-Match": tag})

    assert (again.status_code, again.content, again["ETag"]) == (304, b"", tag)
    assert reads().count() == 1


def test_a_request_that_became_late_is_new(now, site, signed_in):
    requested(site, "Rowan Invented", due=timedelta(minutes=1))
    client = signed_in(Role.COORDINATOR)
    tag = client.get(WORKLIST)["ETag"]
    now.shift(timedelta(minutes=2))

    again = client.get(WORKLIST, headers={"If-None-Match": tag})

    assert again.status_code == 200
    assert again.json()["requests"][0]["standing"] == "overdue"
    assert reads().count() == 2


def test_the_tag_of_someone_else_is_not_ones_own(site, signed_in):
    requested(site, "Rowan Invented")
    tag = signed_in(Role.COORDINATOR).get(WORKLIST)["ETag"]

    answer = signed_in(Role.NURSE).get(WORKLIST, headers={"If-None-Match": tag})

    assert answer.status_code == 200


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.MANAGER, Role.THERAPIST, Role.TECHNICIAN])
def test_who_does_not_work_on_requests_finds_no_page(site, signed_in, role):
    requested(site, "Quillon Invented")

    answer = signed_in(role).get(WORKLIST)

    assert answer.status_code == 404
    assert b"Quillon" not in answer.content


def test_asking_again_and_again_keeps_no_idle_session_open(now, site, signed_in):
    client = signed_in(Role.COORDINATOR)
    client.get("/requests/")
    for _ in range(4):
        now.shift(timedelta(minutes=4))
        last = client.get(WORKLIST)

    assert last.status_code == 302
    assert last.url.startswith("/sign-in/")


def test_few_queries_however_many_requests_there_are(
    site, signed_in, django_assert_max_num_queries
):
    client = signed_in(Role.COORDINATOR)
    for n in range(30):
        requested(site, f"Invented {n}")
    client.get(WORKLIST)

    with django_assert_max_num_queries(10):  # half of them keep the record
        client.get(WORKLIST)
