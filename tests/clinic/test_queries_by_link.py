"""
Each public page and each page by a link asks little too, and no more of many rows than of one.

The pages come from the URL table. Of what is sent, the answer to one question is counted: it is
what a person waits for again and again.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from benchmarks.clinic import crowd
from overstory.clinic.arriving import feeds
from overstory.clinic.arriving import links as arriving
from overstory.clinic.booking.models import Appointment
from overstory.clinic.care import choosing_links as choosing
from overstory.clinic.care.models import ChoiceSaid
from overstory.clinic.intake import links as filling
from overstory.clinic.intake.asking_actions import Asked, ask
from overstory.clinic.intake.models import Answer
from overstory.clinic.people.doors import LINK, PUBLIC, door_of
from overstory.clinic.people.models import Person
from overstory.clinic.people.permissions import Role
from tests.clinic.coming import booked, with_plan
from tests.clinic.conftest import make_staff
from tests.clinic.rows_for_routes import House
from tests.clinic.test_matrix import ROUTES, address_of, make_house
from tests.clinic.test_queries import MANY, MANY_OF_ONE, MOST, NOT_COUNTED, fill

MORNING = datetime(2026, 11, 30, 14, 0, tzinfo=UTC)
"""09:00 in New York on the Monday of a first session, an hour before it."""
WEEK = timedelta(days=7)
ELSEWHERE = {"choice_own_pdf": "laid out in seconds; test_choice_links counts it where it reads it"}
RIGHT = {"day": "9", "month": "3", "year": "1982"}


class Own:
    """One person with a course, who opened each kind of link on one phone."""

    def __init__(self, house: House) -> None:
        self.house, self.phone = house, Client(raise_request_exception=False)
        self.doctor = make_staff(house.clinic, Role.PSYCHIATRIST)
        plan = with_plan(
            house.person, self.doctor, treatment="esketamine", director=house.staff,
            at=MORNING - WEEK,
        )  # fmt: skip
        self.visit = booked(plan, at=MORNING - WEEK)[0]
        crowd.alerts([house.person], at=MORNING, is_open=True)
        self.keys = {"appointment_id": self.visit.pk, "key": "gad7.1", **self._links()}
        self._came_from_outside()

    def fill(self, many: int, *, start: int) -> None:
        """Put rows around the person, and of the person."""
        fill(self.house, many=many, of_one=min(many, MANY_OF_ONE), start=start)
        for n in range(start, start + min(many, MANY_OF_ONE)):
            at = MORNING - timedelta(minutes=n + 1)
            self.house.make(
                ChoiceSaid, person=self.house.person, kind="question", content={"words": "Why?"},
                by=None, link_id=self.keys["choice_link_id"], at=at,
            )  # fmt: skip

    def pages(self):
        """The addresses of the pages, with their names."""
        for _, (each, patterns, arguments) in sorted(ROUTES.items()):
            if door_of(each.name, each.callback) in {PUBLIC, LINK}:
                link = {"fill_done": self.sent}.get(each.name, self.keys["link_id"])
                values = {
                    name: link if name == "link_id" else self._key(each.name, name)
                    for name in arguments
                }
                yield each.name, address_of(patterns, values)

    def reads(self, address):
        """Return what reads a page."""
        return lambda: self.phone.get(address)

    def answers(self):
        """Return what answers one question."""
        address = reverse("fill_page", args=(self.keys["link_id"], self.keys["key"]))
        return lambda: self.phone.post(address, {"answer": "2"})

    def _key(self, route: str, name: str):
        return self.keys.get(f"{route}/{name}", self.keys.get(name)) or self.house.key(route, name)

    def _links(self):
        waits = crowd.persons(self.house.site, 1, at=MORNING, start=MANY * 2)[0]
        person = self.house.person
        choice, visits = (each.make_link(**self._by(person)) for each in (choosing, arriving))
        asked, sent, closed = (self._questionnaire(each) for each in ("depression", "phq9", "pcl5"))
        for name, made in (
            ("choice_open", choice), ("arrival_open", visits), ("open_link", asked), ("open_link", sent),
        ):  # fmt: skip
            assert self.phone.post(reverse(name, args=(made.token,)), RIGHT).status_code == 302
        filling.submit(questionnaire=sent.link.questionnaire, by=None, actor="test", at=MORNING)
        self.sent = sent.link.pk
        return {
            "choice_link_id": choice.link.pk,
            "arrival_link_id": visits.link.pk,
            "link_id": asked.link.pk,
            "open_link/token": closed.token,
            "choice_open/token": choosing.make_link(**self._by(waits)).token,
            "arrival_open/token": arriving.make_link(**self._by(waits)).token,
            "calendar_feed/token": feeds.make_feed(
                person=person, by=None, actor="test", at=MORNING
            ),
        }

    def _by(self, person):
        return {"person": person, "by": self.house.staff, "at": MORNING}

    def _questionnaire(self, pack):
        return filling.begin_with_link(pack=pack, **self._by(self.house.person))

    def _came_from_outside(self) -> None:
        """Let the phone be the one that asked for care and booked a visit a moment ago."""
        site = self.house.site
        asked = Asked(
            id=uuid4(), asker="self", reason="self-harm", name="Maya Fields", phone="+1 555 0123"
        )
        visit = self.house.make(
            Appointment, person=None, care_request=ask(site=site, asked=asked, at=MORNING),
            clinician=self.doctor, kind="evaluation", starts=MORNING + WEEK, minutes=60,
            wall_date=MORNING.date(), wall_time=MORNING.time(), zone=site.time_zone,
        )  # fmt: skip
        session = self.phone.session
        session["asked"], session["visit"] = str(visit.care_request_id), str(visit.pk)
        session.save()


def counted(send) -> int:
    """How often the database is asked for an answer, but for the record of the read."""
    cache.clear()
    with CaptureQueriesContext(connection) as found:
        answer = send()
    assert answer.status_code < 400, answer.request["PATH_INFO"]
    return sum(not NOT_COUNTED.match(each["sql"]) for each in found)


@pytest.fixture
def own(db):
    """A person among few, in the morning of a first session."""
    with time_machine.travel(MORNING):
        made = Own(make_house("ours", None))
        made.fill(1, start=0)
        yield made


def test_a_page_by_a_link_asks_little_and_of_a_thousand_as_little_as_of_one(own):
    pages = {
        name: address
        for name, address in own.pages()
        if name not in ELSEWHERE and own.phone.get(address).status_code < 400
    }
    few = {name: counted(own.reads(address)) for name, address in pages.items()}
    own.fill(MANY - 1, start=1)
    many = {name: counted(own.reads(address)) for name, address in pages.items()}
    answers = counted(own.answers())

    assert {"site_home", "site_compare", "site_thanks", "site_visit", "site_visit_booked", "fill_page",
            "fill_check", "fill_help", "fill_done", "choice_home", "choice_own_aid", "arrival_home",
            "arrival_ready", "arrival_page", "calendar_feed"} <= set(few)  # fmt: skip
    assert {name: (few[name], many[name]) for name in few if many[name] > few[name]} == {}
    assert {name: asked for name, asked in many.items() if asked > MOST} == {}
    assert answers <= MOST
    assert Answer.objects.filter(question=own.keys["key"]).count() == 1
    assert Person.objects.count() >= MANY
