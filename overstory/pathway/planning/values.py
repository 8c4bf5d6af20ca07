"""What a plan is made of: sessions with window, dose or stimulation, minutes, needs and holds."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from overstory.knowledge.shapes.protocol_parts import Resource, Role
from overstory.knowledge.shapes.rules import TreatmentId
from overstory.knowledge.shapes.shared import Cite, Jurisdiction, Status
from overstory.pathway.planning.watching import Leaving, Watched

Day = date


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedDose:
    """
    A dose that is planned, never an order; `value` in mg, None where the prescriber must set it.

    It is provisional: worked out from the weight on record at the moment of the plan. `choices` are the
    doses that the prescriber may change to, in mg; `cap` is never passed, in mg; `over_minutes` is the
    length of an infusion.
    """

    value: Decimal | None
    route: str
    unit: str = "mg"
    choices: tuple[Decimal, ...] = ()
    cap: Decimal | None = None
    over_minutes: Decimal | None = None
    per_kg: Decimal | None = None
    says: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedPart:
    """One stretch of stimulation: pulses, rate in Hz, and trains with seconds and pauses."""

    kind: str
    side: str
    pulses: int
    hz: float | None = None
    trains: int | None = None
    train_seconds: float | None = None
    pause_seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedStimulation:
    """What one TMS session does; `percent` is of the resting motor threshold of the muscle `of`."""

    target: str
    side: str
    coil: str
    percent: float
    of: str
    adjusted: str
    pulses: int
    minutes: float
    location: str
    parts: tuple[PlannedPart, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Minutes:
    """
    Whole minutes, rounded up.

    `observe` is the length of the watch; `chair` the whole occupancy.
    """

    prepare: int
    treat: int
    observe: int
    chair: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody a session needs: in the room or on the site, for which stretches of it."""

    role: Role
    where: str
    during: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """
    What must be there for a session or a course.

    `fresh_days` is how old the `facts` may be on that day (zero: of that day); `certain` is false
    where it is not known yet whether the person needs it. A need that is not `blocks` is advice.
    `within_days` is how long after the session it may still be done; `numbers` go by a name that ends
    with the unit.
    """

    id: str
    kind: str
    says: str
    status: Status
    facts: tuple[str, ...] = ()
    gates: tuple[str, ...] = ()
    fresh_days: float | None = None
    certain: bool = True
    blocks: bool = True
    within_days: float | None = None
    numbers: dict[str, float] = field(default_factory=dict)
    sources: tuple[Cite, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """
    What keeps a session from being ordered, or a plan from being signed.

    `why` is `not-now` (a rule says fix this first), `unverified` (a number that a named clinician
    verifies), or `decision` (a person decides first). `part` says what it is of.
    """

    id: str
    why: str
    says: str
    closes: str
    part: str = ""
    sources: tuple[Cite, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """
    One visit for treatment; `treatment` is the component, never the combination.

    It stands on `date` and may be moved from `earliest` to `latest`, at least `min_gap_hours` after
    the session before it in the plan, from start to start. `of_day` counts where there are several a
    day. `week` counts from the first week of its treatment.
    """

    n: int
    phase: str
    treatment: str
    protocol: str
    date: Day
    earliest: Day
    latest: Day
    min_gap_hours: float
    minutes: Minutes
    week: int
    of_day: int = 1
    dose: PlannedDose | None = None
    stimulation: PlannedStimulation | None = None
    people: tuple[Person, ...] = ()
    resources: tuple[Resource, ...] = ()
    needs: tuple[Need, ...] = ()
    holds: tuple[Hold, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedPhase:
    """A stretch of the plan on one rhythm, with its first and last day."""

    name: str
    treatment: str
    protocol: str
    says: str
    sessions: int
    first: Day
    last: Day


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """
    A day on which people decide whether to go on, after the session numbered `session`.

    Where it may be taken later, `latest_session` is the last session after which. `least_change_percent`
    is the change below which it says `then`; unverified where its status is `recalled`.
    """

    id: str
    treatment: str
    date: Day
    session: int
    says: str
    then: str
    measures: tuple[str, ...]
    status: Status
    sources: tuple[Cite, ...]
    least_change_percent: tuple[float, float | None] | None = None
    change_status: Status | None = None
    latest_session: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """A day, or a stretch of days both included, on which something beside the sessions stands."""

    earliest: Day
    latest: Day


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What runs beside the sessions: therapy, questionnaires, contacts; `when` as far as it is dated."""

    id: str
    kind: str
    treatment: str
    says: str
    status: Status
    sources: tuple[Cite, ...]
    scales: tuple[str, ...] = ()
    minutes: tuple[float, float | None] | None = None
    times: tuple[float, float | None] | None = None
    when: tuple[When, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A restriction in words for the patient, English and Spanish, and until when it holds."""

    id: str
    treatment: str
    until: str
    en: str
    es: str
    status: Status
    sources: tuple[Cite, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """
    A rule of suitability under which the plan stands.

    `settled` is false where it is a question to settle before the first session; `medicine` tells that
    it is about a medicine, to be reviewed.
    """

    id: str
    kind: str
    says: str
    closes: str
    settled: bool
    medicine: bool
    asks: tuple[str, ...]
    status: Status
    sources: tuple[Cite, ...]
    part: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Constraint:
    """
    What holds between ketamine and TMS in one plan, with the certainty of what it rests on.

    `numbers` go by a name that ends with the unit.
    """

    id: str
    says: str
    strength: str
    grade: str
    override: str
    status: Status
    sources: tuple[Cite, ...]
    numbers: dict[str, float] = field(default_factory=dict)
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What one version of a plan changed, and why; `rules` are the published ones that it follows."""

    version: int
    on: Day
    event: str
    says: str
    moved: int = 0
    added: int = 0
    removed: int = 0
    rules: tuple[str, ...] = ()
    status: Status = "site-policy"
    sources: tuple[Cite, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A document that the plan rests on."""

    id: str
    title: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """
    The days on which nothing is planned, in words.

    `kind` is usual, given or none; `closed` has the holidays within the plan, or every day given.
    """

    kind: str
    says: str
    weekends_closed: bool
    closed: dict[Day, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """The knowledge that a plan rests on: the release, and the hash of its content and site policy."""

    version: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Safety:
    """How safe the person is by the facts of the plan, and what is to be done first."""

    level: str
    actions: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """
    A course as it is proposed: nothing in it is an order, and a person signs it.

    `protocol` is the protocol, or the combination of `protocols`. `signable` is false for a draft:
    its `holds` have to be closed and the person assessed again. `at` is the moment whose facts it
    judges; `start` is the first day, `start_asked` the one asked for. On `pauses` the person does not
    come; nothing that is moved later stands there.
    """

    patient: str
    at: str
    jurisdiction: Jurisdiction
    knowledge: Release
    treatment: TreatmentId
    protocol: str
    protocols: tuple[str, ...]
    verdict: str
    signable: bool
    safety: Safety
    start_asked: Day
    start: Day
    calendar: Calendar
    phases: tuple[PlannedPhase, ...]
    sessions: tuple[Session, ...]
    alongside: tuple[Beside, ...]
    reviews: tuple[Review, ...]
    restrictions: tuple[Told, ...]
    conditions: tuple[Condition, ...]
    before_course: tuple[Need, ...]
    holds: tuple[Hold, ...]
    constraints: tuple[Constraint, ...]
    notes: tuple[str, ...]
    sources: tuple[Source, ...]
    version: int = 1
    weeks: int | None = None
    continue_ketamine: bool = False
    monitoring: tuple[Watched, ...] = ()
    leaving: tuple[Leaving, ...] = ()
    pauses: tuple[When, ...] = ()
    changes: tuple[Change, ...] = ()
