"""Edits of a plan: within the protocol, its caps, its windows and the open days, and nothing else."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overstory.pathway.dosing_weights import Basis
from overstory.pathway.planning.allowing import allowed_events
from overstory.pathway.planning.editing import Edit, EditError, edited, openings
from overstory.pathway.planning.events import Event, EventKind, after_event
from overstory.pathway.planning.revising import Revision, calendar_of
from tests.people import KNOWLEDGE, facts_of_vignette
from tests.planning import SPRING, dates, planned, with_every_course

PERSON = {"weight_kg": 80.0, "height_cm": 180.0}


def revision(plan, on=SPRING, knowledge=KNOWLEDGE):
    return Revision(plan, on, knowledge, calendar_of(plan))


def edit(plan, *, on=SPRING, knowledge=KNOWLEDGE, person=PERSON, **more):
    facts = facts_of_vignette("clear", **person)
    return edited(revision=revision(plan, on, knowledge), edit=Edit(**more), facts=facts)


def with_protocol(treatment: str, name: str):
    return planned(treatment, protocols=(name,), knowledge=with_every_course(), **PERSON)


def test_another_dose_of_the_protocol_is_for_one_session_or_from_it_on():
    plan = planned("esketamine")

    one = edit(plan, n=3, mg=Decimal(84))
    onward = edit(plan, n=3, mg=Decimal(84), onward=True)

    # spravato-label-us 2.2: day 1 56 mg, then 56 or 84 mg
    assert [each.dose.value for each in one.sessions] == [56, 56, 84] + [56] * 11
    assert [each.dose.value for each in onward.sessions] == [56, 56] + [84] * 12
    assert one.version == plan.version + 1
    assert (one.changes[-1].event, one.changes[-1].added) == ("edit", 0)


def test_three_devices_take_longer_than_two():
    plan = planned("esketamine")

    more = edit(plan, n=3, mg=Decimal(84)).sessions[2].minutes.treat

    assert more > plan.sessions[2].minutes.treat


@pytest.mark.parametrize("mg", ["70", "112", "28", "0.1"])
def test_a_dose_that_the_protocol_lacks_is_refused(mg):
    with pytest.raises(EditError, match="leaves open: 84"):
        edit(planned("esketamine"), n=3, mg=Decimal(mg))


def test_the_dose_of_the_first_day_is_fixed():
    with pytest.raises(EditError, match="no other dose"):
        edit(planned("esketamine"), n=1, mg=Decimal(84))


def test_what_has_taken_place_is_not_edited():
    with pytest.raises(EditError, match="not taken place"):
        edit(planned("esketamine"), on=SPRING + timedelta(days=8), n=2, mg=Decimal(84))


def test_a_dose_that_the_prescriber_sets_is_within_the_protocol():
    plan = with_protocol("kap", "KAP-SL-LOW")
    site = with_every_course()
    assert plan.sessions[0].dose.value is None

    found = edit(plan, knowledge=site, n=1, mg=Decimal(100), onward=True)

    assert {each.dose.value for each in found.sessions} == {Decimal(100)}
    assert "prescriber-sets-dose" not in {need.id for need in found.sessions[0].needs}
    for mg in ("49", "151"):  # KAP-SL-LOW: 50 to 150 mg
        with pytest.raises(EditError):
            edit(plan, knowledge=site, n=1, mg=Decimal(mg))


def test_a_dose_that_was_set_can_be_set_otherwise():
    plan = with_protocol("kap", "KAP-SL-LOW")
    site = with_every_course()

    again = edit(
        edit(plan, knowledge=site, n=1, mg=Decimal(100)), knowledge=site, n=1, mg=Decimal(60)
    )

    assert [each.dose.value for each in again.sessions[:2]] == [60, None]


def test_a_dose_by_weight_in_mg_per_kg_is_worked_out_and_never_passes_the_cap():
    plan = with_protocol("kap", "KAP-IM-HIGH")
    site = with_every_course()

    found = edit(plan, knowledge=site, n=1, mg_per_kg=Decimal(1))
    person = {"weight_kg": 150.0, "height_cm": 195.0}
    heavy = edit(plan, knowledge=site, person=person, n=1, mg_per_kg=Decimal(1), basis=Basis.TOTAL)

    assert found.sessions[0].dose.value == 80  # 1 mg/kg of 80 kg
    assert heavy.sessions[0].dose.value == 130  # KAP-IM-HIGH: at most 130 mg, of 150 mg by weight


def test_a_heavy_person_is_dosed_by_the_weight_that_the_prescriber_names():
    person = {"weight_kg": 120.0, "height_cm": 170.0, "sex_at_birth": "male"}
    plan = planned("ketamine-iv", **person)
    assert plan.sessions[0].dose.value is None

    found = edit(plan, person=person, n=1, basis=Basis.IDEAL)

    # ideal weight of a man of 170 cm: 50 + 2.3 x (66.93 - 60) = 65.9 kg; 0.5 mg/kg: 32.96 mg,
    # rounded down to the step of 0.5 mg
    assert found.sessions[0].dose.value == Decimal("32.5")


def test_where_the_protocol_has_no_dose_none_is_set_in_the_plan():
    plan = planned("kap")

    with pytest.raises(EditError):
        edit(plan, n=1, mg=Decimal(50))


def test_a_day_moves_within_its_window_and_keeps_the_gaps():
    plan = planned("esketamine")  # Mondays and Thursdays, the window is the week

    found = edit(plan, n=2, day=date(2027, 4, 9))

    assert dates(found)[:3] == ["2027-04-05", "2027-04-09", "2027-04-12"]
    # the day after the first dose, a Saturday, the next week, its own day
    for day in (6, 10, 13, 8):
        with pytest.raises(EditError, match="cannot stand on"):
            edit(plan, n=2, day=date(2027, 4, day))


def test_one_thing_is_changed_at_a_time():
    with pytest.raises(EditError, match="one at a time"):
        edit(planned("esketamine"), n=2, day=date(2027, 4, 9), mg=Decimal(84))
    with pytest.raises(EditError, match="one at a time"):
        edit(planned("esketamine"), n=2)


PLANS = {
    "esketamine": (planned("esketamine"), KNOWLEDGE),
    "tms": (planned("tms"), KNOWLEDGE),
    "combination": (planned("ketamine-then-tms"), KNOWLEDGE),
    "sublingual": (with_protocol("kap", "KAP-SL-LOW"), with_every_course()),
    "injection": (with_protocol("kap", "KAP-IM-HIGH"), with_every_course()),
    "infusion": (
        planned("ketamine-iv", weight_kg=120.0, height_cm=170.0, sex_at_birth="male"), KNOWLEDGE,
    ),
}  # fmt: skip
AMOUNTS = st.decimals(min_value="0.01", max_value=400, places=2)


@settings(max_examples=150, deadline=None)
@given(data=st.data(), name=st.sampled_from(sorted(PLANS)))
def test_no_chain_of_edits_passes_a_cap_or_leaves_a_window(data, name):
    plan, knowledge = PLANS[name]
    before = plan
    for _ in range(3):
        here = revision(plan, knowledge=knowledge)
        wish = data.draw(_edits(plan, openings(here)))
        facts = facts_of_vignette(
            "clear", weight_kg=data.draw(st.sampled_from([45.0, 80.0, 120.0])), height_cm=170.0,
            sex_at_birth="male",
        )  # fmt: skip
        try:
            plan = edited(revision=here, edit=wish, facts=facts)
        except EditError:
            continue
        _check(plan, here)
    assert len(plan.sessions) == len(before.sessions)


def _edits(plan, open_):
    numbers = st.integers(1, len(plan.sessions))
    near = st.integers(-8, 8)
    return st.one_of(
        st.builds(
            lambda n, ahead: Edit(n=n, day=plan.sessions[n - 1].date + timedelta(days=ahead)),
            numbers, near,
        ),
        st.builds(
            lambda each, at: Edit(n=each.n, day=each.days[at % len(each.days)]) if each.days
            else Edit(n=each.n, mg=Decimal(84), onward=True),
            st.sampled_from(open_), st.integers(0, 6),
        ) if open_ else st.builds(Edit, n=numbers, mg=AMOUNTS),
        st.builds(Edit, n=numbers, mg=AMOUNTS | st.sampled_from([Decimal(56), Decimal(84)]),
                  onward=st.booleans()),
        st.builds(Edit, n=numbers, mg_per_kg=AMOUNTS | st.just(Decimal(1)), onward=st.booleans()),
        st.builds(Edit, n=numbers, basis=st.sampled_from(Basis), onward=st.booleans()),
    )  # fmt: skip


def _check(plan, here):
    earlier = None
    for n, each in enumerate(plan.sessions, 1):
        assert each.n == n
        assert each.earliest <= each.date <= each.latest
        assert here.days.is_open(each.date)
        if each.dose is not None and each.dose.value is not None:
            assert 0 < each.dose.value <= each.dose.cap
        if earlier is not None and each.of_day == 1:
            assert here.days.hours_between(earlier.date, each.date) >= each.min_gap_hours
        earlier = each
    ketamine = {each.date for each in plan.sessions if each.treatment != "tms"}
    assert not ketamine & {each.date for each in plan.sessions if each.treatment == "tms"}


def test_every_event_is_allowed_or_says_why_not():
    found = allowed_events(revision(planned("tms"), on=date(2027, 5, 10)))

    said = {each.kind.value: each.why_not for each in found}
    assert len(said) == 9
    assert said["extend"] == said["missed"] == said["pause"] == ""
    assert "esketamine" in said["step-back"]


def test_before_a_course_begins_nothing_was_tolerated_badly_and_no_point_is_reached():
    said = {each.kind.value: each for each in allowed_events(revision(planned("tms"), on=SPRING))}

    assert said["non-response"].why_not == "its first decision point is 2027-04-16"
    early = revision(replace(planned("tms")), on=SPRING - timedelta(days=1))
    assert {each.kind.value: each.why_not for each in allowed_events(early)}["intolerance"] == (
        "no session has taken place"
    )


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("pause", {"on": date(2027, 5, 10), "until": date(2027, 5, 14)}),
        ("missed", {"on": date(2027, 5, 6), "sessions": (24,)}),
        ("extend", {"on": date(2027, 5, 6)}),
    ],
)
def test_a_decision_that_is_open_stays_open_for_the_sessions_that_a_later_event_moves(kind, more):
    # A physician looks at side, pattern, target or stopping: clinical dossier of TMS, section 2.6
    plan = planned("tms")
    silent = Event(kind=EventKind.NON_RESPONSE, on=date(2027, 5, 3), review="tms-session-20")
    held = after_event(plan=plan, event=silent, knowledge=KNOWLEDGE)
    assert all("no-response.tms-session-20" in _holds(each) for each in held.sessions[21:])

    again = after_event(plan=held, event=Event(kind=EventKind(kind), **more), knowledge=KNOWLEDGE)

    later = [each for each in again.sessions if each.date > date(2027, 5, 6)]
    assert len(later) > 10
    assert all("no-response.tms-session-20" in _holds(each) for each in later)


def _holds(session):
    return {each.id for each in session.holds}
