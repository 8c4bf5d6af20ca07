"""Doses by weight, reckoned a second time in whole fractions from the formulas of the clinical dossiers."""

from decimal import Decimal
from fractions import Fraction
from math import floor

from hypothesis import given, settings
from hypothesis import strategies as st

from overstory.knowledge.load import load_knowledge
from overstory.pathway.dosing import dose_of
from overstory.pathway.dosing_limits import dose_limits
from overstory.pathway.dosing_values import DoseError, Infusion, Wish
from overstory.pathway.dosing_weights import Basis, WeightError, body_weights
from overstory.pathway.protocols import protocol_named

KNOWLEDGE = load_knowledge()
LIMITS = dose_limits(KNOWLEDGE)
# Ketamine §2 and §5: mg/kg of each protocol; the vials hold 10, 50 and 100 mg/mL of the base.
DOSES = [("P-IV-STD", "0.5"), ("P-IV-TITR", "0.5"), ("P-IV-TITR", "0.6"), ("P-IV-TITR", "0.75"),
         ("P-IV-TITR", "1.0")]  # fmt: skip
VIALS = {f"ketamine-{strength}-mg-per-ml": strength for strength in (10, 50, 100)}
CAP_MG, DOSE_STEP, SYRINGE_STEP = 80, Fraction(1, 2), Fraction(1, 100)
MOST_LOST, TOTAL_ML, BMI = Fraction(2, 100), 50, 30


def down(value, step):
    return floor(value / step) * step


def ideal(cm, sex):
    """Devine: man 50 kg, woman 45.5 kg, and 2.3 kg for each inch above 60."""
    inches = None if cm is None else Fraction(cm) / Fraction("2.54")
    if inches is None or sex is None or inches < 60:
        return None
    return (Fraction(50) if sex == "male" else Fraction("45.5")) + Fraction("2.3") * (inches - 60)


def dosing_weight(kg, cm, sex, basis):
    lean = ideal(cm, sex)
    adjusted = None if lean is None else lean + Fraction("0.4") * (kg - lean)
    if basis is None:
        obese = cm is not None and kg / (Fraction(cm) / 100) ** 2 >= BMI
        basis = "adjusted" if obese and adjusted is not None else "total"
    found = {"total": kg, "adjusted": adjusted, "ideal": lean}[basis]
    return None if found is None or found > kg else found


def reckoned(kg, cm, sex, basis, per_kg, strength):
    """The mg and mL of a dose, or None where there is none."""
    weight = dosing_weight(kg, cm, sex, basis)
    if weight is None:
        return None
    wanted = min(Fraction(per_kg) * weight, CAP_MG)
    volume = down(down(wanted, DOSE_STEP) / strength, SYRINGE_STEP)
    mg = volume * strength
    undiluted = strength == 100 and TOTAL_ML - volume < volume
    if not mg or (wanted - mg) / wanted > MOST_LOST or undiluted:
        return None
    return mg, volume


@settings(max_examples=1500, deadline=None)
@given(
    chosen=st.sampled_from(DOSES),
    kg=st.decimals(30, 200, places=1),
    cm=st.none() | st.decimals(120, 220, places=1) | st.sampled_from([Decimal("152.4")]),
    sex=st.sampled_from(["male", "female", None]),
    basis=st.sampled_from([None, "total", "adjusted", "ideal"]),
    vial=st.sampled_from(sorted(VIALS)),
)
def test_a_dose_is_what_the_formulas_give_in_whole_fractions(chosen, kg, cm, sex, basis, vial):
    protocol_id, per_kg = chosen
    wish = Wish(mg_per_kg=Decimal(per_kg), basis=basis and Basis(basis), product=vial)
    body = body_weights(weight_kg=kg, height_cm=cm, sex_at_birth=sex, limits=LIMITS)
    expected = reckoned(Fraction(kg), cm, sex, basis, per_kg, VIALS[vial])

    try:
        found = dose_of(
            protocol=protocol_named(protocol_id=protocol_id, knowledge=KNOWLEDGE),
            wish=wish, weights=body, knowledge=KNOWLEDGE,
        )  # fmt: skip
    except (DoseError, WeightError):
        assert expected is None
        return

    volume = found.stock_ml if isinstance(found, Infusion) else found.volume_ml
    assert (Fraction(found.amounts.mg), Fraction(volume)) == expected
    if isinstance(found, Infusion):
        # §5: rate_mL_h = V × 60 / 40; rate_mg_h = mg × 60 / 40.
        assert found.rate_ml_per_h == 75
        assert (
            0
            <= Fraction(found.amounts.mg) * 60 / 40 - Fraction(found.rate_mg_per_h)
            < Fraction(1, 100)
        )
