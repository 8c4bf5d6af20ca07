"""The letters and files of a person stand together, the newest first, and open for their own row."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from overstory.clinic.care.papers import FIRST, papers_of
from overstory.clinic.intake.models import CareRequest, Letter, Upload
from overstory.clinic.people.permissions import Role


@pytest.fixture
def keep(person, staff, at):
    by = staff(Role.COORDINATOR)

    def make(kind: str, name: str, hours: int):
        moment = at - timedelta(hours=hours)
        if kind == "letter":
            return Letter.objects.create(
                person=person, to="Dr Aspen", subject=name, text="words", by=by, at=moment
            )
        return Upload.objects.create(
            clinic=person.clinic, person=person, kind=kind, name=name, content=b"%PDF", bytes=4,
            sha256=uuid4().hex * 2, at=moment,
        )  # fmt: skip

    return make


def test_all_kinds_are_read_at_once_and_opened(
    person, stranger, keep, at, django_assert_num_queries
):
    CareRequest.objects.create(
        clinic=person.clinic, site=person.site, person=person, asker="self", reason="anxiety",
        name="Maya", words="I cannot sleep.", received_at=at, due_at=at, late_at=at,
    )  # fmt: skip
    keep("pdf", "scan.pdf", 3)
    keep("letter", "To cardiology", 2)
    keep("fhir", "bundle.json", 1)

    with django_assert_num_queries(1):
        found = papers_of([person.pk])
        files = [(each.name, each.kind, each.bytes) for each in found.files]
        letters = [each.subject for each in found.letters]
        why = [(each.words, each.get_reason_display()) for each in found.why]

    assert why == [("I cannot sleep.", "Anxiety")]
    assert files == [("bundle.json", "fhir", 4), ("scan.pdf", "pdf", 4)]
    assert (letters, found.has_more) == (["To cardiology"], False)
    assert papers_of([stranger.pk]).files == ()


def test_a_person_with_many_papers_shows_the_newest_and_a_way_to_all(person, keep, signed_in):
    for hours in range(FIRST + 5):
        keep("pdf", f"scan-{hours:02}.pdf", hours)
    desk = signed_in(Role.PSYCHIATRIST)

    first = desk.get(f"/people/{person.pk}/").content.decode()
    every = desk.get(f"/people/{person.pk}/?papers=all").content.decode()

    assert (first.count("scan-"), "?papers=all" in first) == (FIRST, True)
    assert "scan-00.pdf" in first
    assert "scan-24.pdf" not in first
    assert every.count("scan-") == FIRST + 5
