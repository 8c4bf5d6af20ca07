"""When nothing here fits: what else there is, emergencies first."""

from __future__ import annotations

from overstory.engine.evaluate import truth_of
from overstory.engine.facts import Facts
from overstory.engine.reading import read_condition
from overstory.knowledge.load import Knowledge
from overstory.knowledge.shapes.alternatives import Alternative
from overstory.pathway.suitability import Assessment
from overstory.pathway.verdicts import SETTLED


def alternatives(
    *, assessment: Assessment, facts: Facts, knowledge: Knowledge
) -> tuple[Alternative, ...]:
    """
    Return what to name when every treatment assessed is contraindicated or not indicated.

    One whose condition is unknown is named too; one whose condition is false is not.
    """
    if any(each.verdict not in SETTLED for each in assessment.treatments):
        return ()
    found = [
        each
        for each in knowledge.sections["alternatives"]
        if not each.when
        or truth_of(read_condition(each.when, facts.vocabulary), facts) is not False
    ]
    return tuple(sorted(found, key=lambda each: not each.first))
