"""What holds for every record that is written as FHIR and read again."""

import random
from datetime import timedelta, timezone

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from overstory.engine.facts import Fact
from overstory.exchange.fhir.writing import bundle_of
from tests.exchange.fhir.records import (
    AT,
    KNOWLEDGE,
    REASONS,
    VOCABULARY,
    as_bundle,
    as_lines,
    left,
    read_back,
    record,
    said,
)

TIMES = st.one_of(
    st.none(),
    st.just(AT),
    st.timedeltas(timedelta(), timedelta(days=4000)).map(lambda ago: AT - ago),
    st.integers(-14 * 60, 14 * 60).map(lambda m: AT.astimezone(timezone(timedelta(minutes=m)))),
)


def _value(kind):
    if kind.kind == "bool":
        return st.booleans()
    if kind.kind == "code":
        return st.sampled_from(kind.codes)
    least, greatest = kind.least, kind.greatest
    return st.one_of(st.integers(int(least), int(greatest)), st.floats(least, greatest))


STATES = {
    name: st.one_of(
        st.builds(lambda value, at: Fact(value, at=at), _value(kind), TIMES),
        st.builds(lambda why, at: Fact(unknown=why, at=at), st.sampled_from(REASONS), TIMES),
    )
    for name, kind in VOCABULARY.items()
}


@st.composite
def records(draw):
    names = draw(st.lists(st.sampled_from(list(STATES)), unique=True, max_size=40))
    patient = draw(st.text("aB9.-_ é/", min_size=1, max_size=64).filter(str.strip))
    return record({name: draw(STATES[name]) for name in names}, patient=patient)


@settings(max_examples=150, deadline=None)
@given(records(), st.booleans(), st.sampled_from([as_bundle, as_lines]))
def test_what_is_read_back_is_what_was_written(one, invented, form):
    reading = read_back(form(one, invented=invented))

    assert said(reading.facts) == said(one.given)
    assert left(reading) == []


@settings(max_examples=40, deadline=None)
@given(records(), st.randoms(use_true_random=False))
def test_the_order_of_what_was_written_has_no_weight(one, chance: random.Random):
    bundle = bundle_of(one, KNOWLEDGE, invented=True)
    turned = {**bundle, "entry": chance.sample(bundle["entry"], len(bundle["entry"]))}

    assert said(read_back(orjson.dumps(turned)).facts) == said(one.given)


@settings(max_examples=40, deadline=None)
@given(records())
def test_what_was_read_back_is_written_the_same_again(one):
    first = as_bundle(one, invented=True)

    second = as_bundle(record(read_back(first).facts, patient=one.patient), invented=True)

    assert orjson.loads(second) == orjson.loads(first)
