"""Laws of escalation: never silent, never milder by waiting, unknown is never none."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from overstory.knowledge.load import load_knowledge
from overstory.pathway.escalation import escalate
from overstory.pathway.escalation_values import Act, AlertState, Duty, Member, OpenHours

LADDER = load_knowledge().sections["escalation"]
START = datetime(2026, 10, 31, 20, 0, tzinfo=UTC)
"""The evening before the clocks of New York go back."""
OPEN = frozenset({"answer", "assess", "close"})
WEEK = {day: (time(8), time(18)) for day in range(5)}
ROLES = ["psychiatrist", "medical-director", "nurse", "coordinator", "manager", "tms-technician"]
NAMES = ["ann", "bo", "cy", "di", "ed"]
MINUTES = st.integers(0, 6 * 24 * 60)
KINDS = ["acknowledged", "contact-tried", "handed-over", "screened", "assessed", "lowered", "note",
         "raised-tier", "followed-up", "appointed", "repeated", "told-where"]  # fmt: skip
TIERS = ["none", "low", "moderate", "high", "imminent", "unscreened", "", "Hoch"]


MANY = settings(max_examples=150, deadline=None, derandomize=True)


def at(minutes: int) -> datetime:
    return START + timedelta(minutes=minutes)


@st.composite
def duties(draw):
    first = draw(st.integers(-3000, 6000))
    kind = draw(st.sampled_from(["on-call", "shift", "leave"]))
    length = draw(st.integers(30, 6000))
    site = draw(st.sampled_from(["north", "south"]))
    return Duty(kind, at(first), at(first + length), rung=draw(st.integers(1, 3)), site=site)


@st.composite
def rosters(draw):
    count = draw(st.integers(0, len(NAMES)))
    return tuple(
        Member(
            name,
            name,
            frozenset(draw(st.sets(st.sampled_from(ROLES), max_size=2))),
            tuple(draw(st.lists(duties(), max_size=3))),
        )
        for name in NAMES[:count]
    )


@st.composite
def alerts(draw, name="a"):
    raised = draw(MINUTES)
    acts, moment = [], raised
    for kind in draw(st.lists(st.sampled_from(KINDS), max_size=5)):
        moment += draw(st.integers(0, 600))
        acts.append(
            Act(
                kind,
                at(moment),
                by=draw(st.sampled_from([*NAMES, "gone"])),
                tier=draw(st.sampled_from(TIERS)),
                outcome=draw(st.sampled_from(["reached", "no-answer"])),
                to=draw(st.sampled_from([*NAMES, "gone"])),
                any_hour=draw(st.booleans()),
            )
        )
    return AlertState(
        id=name,
        kind="item-9",
        site=draw(st.sampled_from(["north", "south", "unknown"])),
        tier=draw(st.sampled_from(TIERS)),
        on_site=draw(st.booleans()),
        any_hour=draw(st.booleans()),
        raised_at=at(raised),
        acts=tuple(acts),
    )


HOURS = {
    "north": OpenHours(ZoneInfo("America/New_York"), WEEK, frozenset({date(2026, 11, 3)})),
    "south": OpenHours(ZoneInfo("Europe/Berlin"), {}),
}


def due(held, roster, now):
    return escalate(alerts=held, roster=roster, hours=HOURS, now=now, ladder=LADDER)


def last(held):
    return max([held.raised_at, *(each.at for each in held.acts)])


@MANY
@given(alerts(), rosters(), MINUTES)
def test_an_open_alert_is_never_silent(held, roster, wait):
    found = due([held], roster, last(held) + timedelta(minutes=wait))

    steps = [each for each in found if each.alert == "a" and each.what in OPEN]
    assert len(steps) == 1
    assert steps[0].who or steps[0].nobody
    assert set(steps[0].who) <= {each.id for each in roster}


@MANY
@given(alerts(), rosters(), MINUTES, st.integers(0, 3000))
def test_waiting_never_makes_an_alert_milder(held, roster, wait, more):
    first_at = last(held) + timedelta(minutes=wait)
    before = next(e for e in due([held], roster, first_at) if e.what in OPEN)
    after = next(
        e for e in due([held], roster, first_at + timedelta(minutes=more)) if e.what in OPEN
    )

    assert (after.what, after.tier, after.by) == (before.what, before.tier, before.by)
    assert after.step >= before.step
    assert after.everyone >= before.everyone
    assert after.overdue >= before.overdue


@MANY
@given(alerts(), rosters(), MINUTES, st.integers(0, 3000))
def test_who_is_called_stays_called_while_the_roster_stays(held, roster, wait, more):
    always = tuple(
        replace(
            each,
            duties=tuple(
                replace(d, starts=at(-99999), ends=at(99999))
                for d in each.duties
                if d.kind != "leave"
            ),
        )
        for each in roster
    )
    first_at = last(held) + timedelta(minutes=wait)
    before = next(e for e in due([held], always, first_at) if e.what in OPEN)
    after = next(
        e for e in due([held], always, first_at + timedelta(minutes=more)) if e.what in OPEN
    )

    assert set(before.who) <= set(after.who)


@MANY
@given(alerts(), rosters(), MINUTES)
def test_a_tier_that_is_no_tier_is_treated_as_not_screened(held, roster, wait):
    now = last(held) + timedelta(minutes=wait)

    strange = due([replace(held, tier="all good")], roster, now)

    assert strange == due([replace(held, tier="unscreened")], roster, now)


@MANY
@given(st.lists(st.integers(0, 9), min_size=1, max_size=6), rosters(), st.data())
def test_imminent_and_high_stand_before_all_others(numbers, roster, data):
    held = [data.draw(alerts(name=f"a{place}")) for place in range(len(numbers))]

    found = due(held, roster, at(7 * 24 * 60))

    urgent = [e.tier in {"imminent", "high"} and e.what in {"answer", "assess"} for e in found]
    assert urgent == sorted(urgent, reverse=True)


@MANY
@given(alerts(), rosters(), st.integers(0, 600), MINUTES)
def test_a_rise_in_tier_never_gives_more_time_or_fewer_people(held, roster, later, wait):
    fresh = replace(held, acts=())
    raised = Act("raised-tier", fresh.raised_at + timedelta(minutes=later), tier="imminent")
    now = raised.at + timedelta(minutes=wait)

    before = next(e for e in due([fresh], roster, now) if e.what in OPEN)
    after = next(e for e in due([replace(fresh, acts=(raised,))], roster, now) if e.what in OPEN)

    assert after.tier == "imminent"
    assert after.by <= before.by or after.by == raised.at
    assert after.emergency


@MANY
@given(alerts(), rosters(), st.integers(0, 600), st.integers(0, 600))
def test_a_rise_after_an_assessment_is_never_late_before_its_time(held, roster, met, later):
    assessed = Act("assessed", held.raised_at + timedelta(minutes=met), by="dana", tier="low")
    raised = Act("raised-tier", assessed.at + timedelta(minutes=later), tier="imminent")
    fresh = replace(held, acts=(), tier="imminent", raised_at=raised.at, any_hour=False)
    again = replace(held, acts=(assessed, raised), tier="unscreened", any_hour=False)

    alone = next(e for e in due([fresh], roster, raised.at) if e.what in OPEN)
    after = next(e for e in due([again], roster, raised.at) if e.what in OPEN)

    assert after.by == alone.by


@MANY
@given(alerts(), rosters())
def test_what_is_not_screened_or_moderate_is_due_on_the_day_it_was_raised(held, roster):
    fresh = replace(held, acts=())
    zone = {"north": "America/New_York", "south": "Europe/Berlin"}.get(held.site)
    found = next(e for e in due([fresh], roster, held.raised_at) if e.what in OPEN)

    if found.tier in {"unscreened", "moderate"} and zone is not None:
        last_moment = found.by.astimezone(ZoneInfo(zone)) - timedelta(microseconds=1)
        assert last_moment.date() <= held.raised_at.astimezone(ZoneInfo(zone)).date()


@MANY
@given(alerts(), rosters(), st.integers(0, 3000))
def test_no_one_on_call_sleeps_through_what_waits_after_closing(held, roster, wait):
    fresh = replace(held, acts=(), tier="unscreened", on_site=False, site="north")
    now = held.raised_at + timedelta(minutes=wait)
    span = HOURS["north"].span(held.raised_at.astimezone(ZoneInfo("America/New_York")).date())
    first = min((m.on_call(now) for m in roster if m.on_call(now) is not None), default=None)

    found = next(e for e in due([fresh], roster, now) if e.what in OPEN)

    if span is None or now >= max(span[1], held.raised_at):
        assert {m.id for m in roster if first and m.on_call(now) == first} <= set(found.who)


@MANY
@given(rosters(), MINUTES)
def test_nobody_there_is_said_aloud(roster, minutes):
    now = at(minutes)
    there = any(
        m.on_call(now) is not None
        or (m.roles & {"psychiatrist", "medical-director"} and m.on_shift(now))
        for m in roster
    )

    loud = [each for each in due([], roster, now) if each.what == "nobody"]

    assert bool(loud) != there
