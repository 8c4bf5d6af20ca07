"""Laws of doses, over any weight, height, protocol, vial and choice."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from overstory.exchange.policy_file import read_policy_file
from overstory.knowledge.load import load_knowledge
from overstory.knowledge.protocol_standing import in_full
from overstory.pathway.dosing import dose_of
from overstory.pathway.dosing_limits import dose_limits
from overstory.pathway.dosing_orders import OrderRefusedError, Recipient, Weighing, order
from overstory.pathway.dosing_steps import Given, next_doses
from overstory.pathway.dosing_values import DoseError, Infusion, Injection, Sprays, Wish
from overstory.pathway.dosing_weights import Basis, WeightError, body_weights
from overstory.pathway.policy import with_policy

SITE = """
clinic: A clinic
adopted_by: its medical director
adopted_on: "2026-11-22"
protocols:
  P-IM: {reason: x, adopts: [schedule, dose]}
  P-SC: {reason: x}
  KAP-SL-LOW: {reason: x, adopts: [dose]}
  KAP-IM-LOW: {reason: x, adopts: [dose]}
  KAP-SL-HIGH: {reason: x, adopts: [dose]}
  KAP-IM-HIGH: {reason: x, adopts: [dose]}
"""
KNOWLEDGE = load_knowledge()
LIMITS = dose_limits(KNOWLEDGE)
PROTOCOLS = [
    in_full(each, KNOWLEDGE)
    for each in KNOWLEDGE.sections["protocols"]
    if each.treatment in {"esketamine", "ketamine-iv", "kap"} and (each.dose or each.dose_as)
]
ADOPTED = with_policy(KNOWLEDGE, read_policy_file(SITE, name="site.yaml"))
VIALS = [None, *(each.id for each in KNOWLEDGE.sections["products"])]
AT = datetime(2026, 11, 23, 15, tzinfo=UTC)


def decimals(least, greatest, places=2):
    return st.decimals(least, greatest, places=places, allow_nan=False, allow_infinity=False)


wishes = st.builds(
    Wish,
    mg_per_kg=st.none()
    | st.sampled_from(
        [Decimal(each) for each in ("0.1", "0.5", "0.6", "0.75", "0.9", "1.0", "1.5")]
    ),
    mg=st.none()
    | st.sampled_from([Decimal(each) for each in (28, 50, 56, 84, 100, 130, 250)])
    | decimals("0.01", 400),
    basis=st.none() | st.sampled_from(list(Basis)),
    minutes=st.none() | decimals(1, 240),
    total_ml=st.none() | decimals("0.1", 500),
    product=st.sampled_from(VIALS),
)
bodies = st.builds(
    lambda kg, cm, sex: body_weights(weight_kg=kg, height_cm=cm, sex_at_birth=sex, limits=LIMITS),
    decimals(25, 300, 1),
    st.none() | decimals(90, 240, 1),
    st.sampled_from(["female", "male", "intersex", None]),
)  # fmt: skip


def cap_of(protocol):
    return Decimal(str(protocol.dose.cap.mg))


def mg_of(found):
    return found.mg if isinstance(found, Sprays) else found.amounts.mg


@settings(max_examples=1000, deadline=None)
@given(protocol=st.sampled_from(PROTOCOLS), wish=wishes, body=bodies)
def test_a_dose_never_passes_its_cap_nor_what_was_asked_for(protocol, wish, body):
    try:
        found = dose_of(protocol=protocol, wish=wish, weights=body, knowledge=KNOWLEDGE)
    except (DoseError, WeightError):
        return

    mg = mg_of(found)
    assert 0 < mg <= cap_of(protocol)
    if wish.mg is not None:
        assert mg <= wish.mg
    if not isinstance(found, Sprays):
        assert mg <= found.amounts.before_rounding_mg
        assert found.amounts.by_weight_mg is None or mg <= found.amounts.by_weight_mg
        assert found.amounts.rounding_percent <= LIMITS.greatest_rounding_percent or not isinstance(
            found, Infusion | Injection
        )


@settings(max_examples=1000, deadline=None)
@given(protocol=st.sampled_from([each for each in PROTOCOLS if each.dose.route in {"IV", "IM", "SC"}]),
       wish=wishes, body=bodies)  # fmt: skip
def test_what_is_drawn_up_holds_the_dose_and_no_more(protocol, wish, body):
    try:
        found = dose_of(protocol=protocol, wish=wish, weights=body, knowledge=KNOWLEDGE)
    except (DoseError, WeightError):
        return

    vial = next(each for each in KNOWLEDGE.sections["products"] if each.id == found.product)
    strength = Decimal(str(vial.mg_per_ml.value))
    volume = found.stock_ml if isinstance(found, Infusion) else found.volume_ml
    assert volume * strength == found.amounts.mg
    if isinstance(found, Infusion):
        assert found.stock_ml + found.diluent_ml == found.total_ml
        assert found.diluent_ml >= 0
        run_mg_per_min = found.rate_ml_per_h / 60 * found.amounts.mg / found.total_ml
        assert run_mg_per_min <= found.amounts.mg / found.minutes
    else:
        # Section 5: at most 4 mL into one place of a muscle.
        assert found.route != "IM" or max(found.site_ml) <= 4


@settings(max_examples=500, deadline=None)
@given(body=bodies)
def test_the_weight_a_dose_goes_by_is_never_above_the_real_one(body):
    for basis in Basis:
        try:
            assert 0 < body.kg(basis) <= body.total_kg
        except WeightError:
            continue


@settings(max_examples=1000, deadline=None)
@given(
    protocol=st.sampled_from(PROTOCOLS),
    wish=wishes,
    kg=decimals(25, 300, 1),
    before=st.none() | decimals(25, 300, 1),
    days=st.integers(0, 60),
    given_mg=st.lists(st.sampled_from([Decimal(28), Decimal(56), Decimal(84)]), max_size=3),
    hours=st.integers(1, 200),
)
def test_an_order_is_refused_or_holds_everything(protocol, wish, kg, before, days, given_mg, hours):
    who = Recipient(
        weighed=Weighing(kg, AT - timedelta(days=days)),
        weighed_before=None if before is None else Weighing(before, AT - timedelta(days=days + 20)),
        height_cm=Decimal(170),
        sex_at_birth="female",
        age_years=40,
        given=tuple(
            Given(AT - timedelta(hours=hours + 72 * place), mg) for place, mg in enumerate(given_mg)
        ),
    )
    try:
        found = order(protocol=protocol, wish=wish, recipient=who, at=AT, knowledge=ADOPTED)
    except OrderRefusedError:
        return

    assert mg_of(found.dose) <= cap_of(protocol)
    assert not protocol.never
    if found.weights is not None:
        # Site policy: 30 days; 15 % of the last; 30 to 200 kg; chosen from a body mass index of 30 on.
        assert days <= 30
        assert before is None or abs(kg - before) / before <= Decimal("0.15")
        assert 30 <= kg <= 200
        assert wish.basis is not None or kg / Decimal("2.89") < 30
    if given_mg:
        assert hours >= 40


@settings(max_examples=500, deadline=None)
@given(
    protocol=st.sampled_from([each for each in PROTOCOLS if each.dose.steps or each.dose.step_mg]),
    answers=st.lists(st.sampled_from([True, False, None]), max_size=12),
    choose=st.randoms(use_true_random=False),
)
def test_however_a_course_is_titrated_each_step_is_small_and_the_last_is_the_last(
    protocol, answers, choose
):
    dose, done = protocol.dose, []
    for place, answer in enumerate(answers):
        allowed = next_doses(dose=dose, given=done)
        mg = choose.choice(allowed)
        at = AT + timedelta(days=3 * place)
        done.append(Given(at, mg, mg if dose.steps else None, answer))

    steps = [
        Decimal(str(each))
        for each in (dose.steps.mg_per_kg if dose.steps else sorted({*dose.mg, *dose.reduce_to_mg}))
    ]
    places = [steps.index(each.mg_per_kg or each.mg) for each in done]
    assert all(after - before <= 1 for before, after in pairwise(places))
    assert all(place < len(steps) for place in places)
