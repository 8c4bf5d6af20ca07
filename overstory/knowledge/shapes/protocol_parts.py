"""What protocols are built of: numbers with a standing of their own, phases, doses, visits, reviews."""

from __future__ import annotations

from typing import Literal

from overstory.knowledge.shapes.shared import Cites, Shape, Status

Role = Literal["prescriber", "nurse", "technician", "therapist", "trained-staff"]
Resource = Literal[
    "chair", "room", "vital-signs-monitor", "pulse-oximeter", "infusion-pump", "tms-device",
    "resuscitation-equipment", "neuronavigation",
]  # fmt: skip
Route = Literal["IV", "IM", "SC", "SL", "PO", "nasal"]


class Part(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A piece of a protocol; without `source` and `status` it has those of what it stands in."""

    source: Cites | None = None
    status: Status | None = None


class Amount(Part, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One number, in the unit that ends the name of its field."""

    value: float
    note: str = ""


class Span(Part, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A number from `low` to `high`, in the unit of its field; without `high` it is open upwards."""

    low: float
    high: float | None = None
    note: str = ""


class Phase(Part, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    Sessions on one rhythm; the standing is that of its counts and its spacing.

    One of three rhythms: `weeks` with `per_week` sessions each (one number a week if they differ);
    `days` in a row with `per_day` sessions each, the start of one `pitch_minutes` after the start of
    the one before; or every so many weeks, `every_weeks` from the most to the least frequent that is
    allowed (the last is planned), `times` over, or open-ended without `times`.

    `least_weeks` is after how many weeks the phase may end, `least_times` after how many times.
    `min_gap_hours` from start to start of two sessions stands here only where it differs from that of
    the visit; `weekdays` says that sessions stand on working days.
    """

    name: str
    says: str = ""
    weeks: int | None = None
    per_week: int | list[int] | None = None
    least_weeks: int | None = None
    days: int | None = None
    per_day: int | None = None
    pitch_minutes: Amount | None = None
    every_weeks: list[int] = []
    times: int | None = None
    least_times: int | None = None
    min_gap_hours: Amount | None = None
    weekdays: bool = False

    @property
    def sessions(self) -> int | None:
        """How many sessions the phase has; None if it is open-ended."""
        if self.days is not None and self.per_day is not None:
            return self.days * self.per_day
        if self.weeks is not None and self.per_week is not None:
            each = self.per_week
            return sum(each) if isinstance(each, list) else each * self.weeks
        return self.times


class Cap(Part, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The most mg of one session, never passed; above `flag_above_mg` a second look is asked for."""

    mg: float
    flag_above_mg: float | None = None


class Weights(Part, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The body weights in kg for which a dose by weight is meant."""

    least_kg: float
    greatest_kg: float


class Steps(Part, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    Doses in mg/kg, from the first to the last, one step a session.

    `after_sessions` says after how many sessions without response the first step may follow.
    """

    mg_per_kg: list[float]
    after_sessions: Span | None = None


class Dose(Part, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    A dose a session, either in mg or in mg/kg; the standing is that of the dose itself.

    `mg` lists the doses that may be given, `first_mg` the dose of the first session where it is
    fixed, `reduce_to_mg` what it may be lowered to, `step_mg` the only change from one session to
    the next. `mg_per_kg` is given over `over_minutes`; `steps` are what may follow without response.
    `range_mg` and `range_mg_per_kg` are reported ranges in which the prescriber sets the dose of each
    person. `cap` is never passed; `weights` are the weights for which a dose by weight is meant.
    """

    route: Route
    mg: list[float] = []
    first_mg: float | None = None
    reduce_to_mg: list[float] = []
    step_mg: float | None = None
    mg_per_kg: float | None = None
    over_minutes: float | None = None
    range_mg: Span | None = None
    range_mg_per_kg: Span | None = None
    steps: Steps | None = None
    cap: Cap | None = None
    weights: Weights | None = None
    note: str = ""


class Observe(Part, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    How long a person is watched at least, from the first device or from the end of treatment.

    A site may watch for longer, never for less.
    """

    minutes: float
    starts: Literal["first-device", "end-of-treatment"]


class Presence(Part, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Somebody a session needs: in the room, or on the site, for a stretch of it."""

    role: Role
    where: Literal["in-room", "on-site"]
    during: list[Literal["prepare", "treat", "observe"]]


class Decision(Part, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    A moment at which people decide whether to go on; the standing is that of the moment.

    It stands after a number of weeks or of sessions (from `after_sessions` to `latest_sessions`).
    `measures` are the facts looked at; `least_change_percent` the change below which it says `then`.
    """

    id: str
    says: str
    then: str = ""
    after_weeks: int | None = None
    after_sessions: int | None = None
    latest_sessions: int | None = None
    measures: list[str] = []
    least_change_percent: Span | None = None


class Figure(Part, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A number that explains a protocol and decides nothing; in `unit`, up to `high` for a range."""

    id: str
    says: str
    value: float
    high: float | None = None
    unit: str


class Ages(Part, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The ages in whole years for which a protocol is meant, both included."""

    least_years: float | None = None
    greatest_years: float | None = None
