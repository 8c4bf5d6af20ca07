"""What else there is when none of the treatments here fits."""

from __future__ import annotations

from overstory.knowledge.shapes.shared import Cites, Shape, Status


class Alternative(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    Care that this project does not plan but names when nothing here fits.

    It is named where its `when` is not false; without `when` always. `first` ones stand before the
    others.
    """

    id: str
    says: str
    to_patient: str
    to_patient_es: str
    source: Cites
    status: Status
    when: str = ""
    first: bool = False
