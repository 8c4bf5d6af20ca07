"""The parts of FHIR R4 that facts are read from, as typed structs beside the raw text."""

from __future__ import annotations

from typing import Any

import msgspec


class Part(msgspec.Struct, kw_only=True, rename="camel", gc=False):
    """A piece of a resource; fields that it does not name stay in the raw text."""


class Coding(Part, kw_only=True, rename="camel", gc=False):
    """A Coding of FHIR R4, as far as facts need it."""

    system: str | None = None
    code: str | None = None
    display: str | None = None
    extension: list[Extension] = []


class Concept(Part, kw_only=True, rename="camel", gc=False):
    """A Concept of FHIR R4, as far as facts need it."""

    coding: list[Coding] = []
    text: str | None = None


class Reference(Part, kw_only=True, rename="camel", gc=False):
    """A Reference of FHIR R4, as far as facts need it."""

    reference: str | None = None
    type: str | None = None
    identifier: Identifier | None = None
    display: str | None = None


class Identifier(Part, kw_only=True, rename="camel", gc=False):
    """An Identifier of FHIR R4, as far as facts need it."""

    system: str | None = None
    value: str | None = None


class Period(Part, kw_only=True, rename="camel", gc=False):
    """A Period of FHIR R4, as far as facts need it."""

    start: str | None = None
    end: str | None = None


class Quantity(Part, kw_only=True, rename="camel", gc=False):
    """A Quantity of FHIR R4, as far as facts need it."""

    value: float | None = None
    comparator: str | None = None
    unit: str | None = None
    system: str | None = None
    code: str | None = None


class Extension(Part, kw_only=True, rename="camel", gc=False):
    """An Extension of FHIR R4, as far as facts need it."""

    url: str | None = None
    value_code: str | None = None
    value_decimal: float | None = None
    value_codeable_concept: Concept | None = None
    extension: list[Extension] = []


class Meta(Part, kw_only=True, rename="camel", gc=False):
    """A Meta of FHIR R4, as far as facts need it."""

    last_updated: str | None = None
    version_id: str | None = None


class Resource(Part, kw_only=True, rename="camel", gc=False):
    """What every resource has."""

    resource_type: str
    id: str | None = None
    meta: Meta | None = None
    implicit_rules: str | None = None
    modifier_extension: list[Any] = []
    contained: list[msgspec.Raw] = []
    extension: list[Extension] = []
    subject: Reference | None = None
    patient: Reference | None = None


class Patient(Resource, kw_only=True, rename="camel", gc=False):
    """A Patient of FHIR R4, as far as facts need it."""

    identifier: list[Identifier] = []
    birth_date: str | None = None
    gender: str | None = None
    deceased_boolean: bool | None = None
    deceased_date_time: str | None = None


class Condition(Resource, kw_only=True, rename="camel", gc=False):
    """A Condition of FHIR R4, as far as facts need it."""

    clinical_status: Concept | None = None
    verification_status: Concept | None = None
    code: Concept | None = None
    onset_date_time: str | None = None
    onset_period: Period | None = None
    abatement_date_time: str | None = None
    abatement_period: Period | None = None
    abatement_string: str | None = None
    abatement_age: Any = None
    abatement_range: Any = None
    recorded_date: str | None = None


class Component(Part, kw_only=True, rename="camel", gc=False):
    """A Component of FHIR R4, as far as facts need it."""

    code: Concept | None = None
    value_quantity: Quantity | None = None
    value_integer: int | None = None
    value_boolean: bool | None = None
    value_codeable_concept: Concept | None = None
    value_string: str | None = None
    value_date_time: str | None = None
    data_absent_reason: Concept | None = None


class Observation(Resource, kw_only=True, rename="camel", gc=False):
    """An Observation of FHIR R4, as far as facts need it."""

    status: str | None = None
    code: Concept | None = None
    focus: list[Reference] = []
    effective_date_time: str | None = None
    effective_period: Period | None = None
    effective_instant: str | None = None
    issued: str | None = None
    value_quantity: Quantity | None = None
    value_integer: int | None = None
    value_boolean: bool | None = None
    value_codeable_concept: Concept | None = None
    value_string: str | None = None
    value_date_time: str | None = None
    data_absent_reason: Concept | None = None
    component: list[Component] = []


class Repeat(Part, kw_only=True, rename="camel", gc=False):
    """A Repeat of FHIR R4, as far as facts need it."""

    bounds_period: Period | None = None
    count: int | None = None
    frequency: int | None = None
    frequency_max: int | None = None
    period: float | None = None
    period_max: float | None = None
    period_unit: str | None = None
    day_of_week: list[str] = []


class Timing(Part, kw_only=True, rename="camel", gc=False):
    """A Timing of FHIR R4, as far as facts need it."""

    repeat: Repeat | None = None


class DoseAndRate(Part, kw_only=True, rename="camel", gc=False):
    """A Dose And Rate of FHIR R4, as far as facts need it."""

    dose_quantity: Quantity | None = None
    dose_range: Any = None


class Dosage(Part, kw_only=True, rename="camel", gc=False):
    """A Dosage of FHIR R4, as far as facts need it."""

    timing: Timing | None = None
    as_needed_boolean: bool | None = None
    as_needed_codeable_concept: Concept | None = None
    dose_and_rate: list[DoseAndRate] = []


class MedicationStatement(Resource, kw_only=True, rename="camel", gc=False):
    """A Medication Statement of FHIR R4, as far as facts need it."""

    status: str | None = None
    medication_codeable_concept: Concept | None = None
    medication_reference: Reference | None = None
    effective_date_time: str | None = None
    effective_period: Period | None = None
    date_asserted: str | None = None
    dosage: list[Dosage] = []


class DispenseRequest(Part, kw_only=True, rename="camel", gc=False):
    """A Dispense Request of FHIR R4, as far as facts need it."""

    validity_period: Period | None = None


class MedicationRequest(Resource, kw_only=True, rename="camel", gc=False):
    """A Medication Request of FHIR R4, as far as facts need it."""

    status: str | None = None
    intent: str | None = None
    do_not_perform: bool | None = None
    reported_boolean: bool | None = None
    medication_codeable_concept: Concept | None = None
    medication_reference: Reference | None = None
    authored_on: str | None = None
    dosage_instruction: list[Dosage] = []
    dispense_request: DispenseRequest | None = None


class Ingredient(Part, kw_only=True, rename="camel", gc=False):
    """An Ingredient of FHIR R4, as far as facts need it."""

    item_codeable_concept: Concept | None = None


class Medication(Resource, kw_only=True, rename="camel", gc=False):
    """A Medication of FHIR R4, as far as facts need it."""

    status: str | None = None
    code: Concept | None = None
    ingredient: list[Ingredient] = []


class AllergyIntolerance(Resource, kw_only=True, rename="camel", gc=False):
    """An Allergy Intolerance of FHIR R4, as far as facts need it."""

    clinical_status: Concept | None = None
    verification_status: Concept | None = None
    type: str | None = None
    code: Concept | None = None
    recorded_date: str | None = None
    onset_date_time: str | None = None


class Answer(Part, kw_only=True, rename="camel", gc=False):
    """An Answer of FHIR R4, as far as facts need it."""

    value_coding: Coding | None = None
    value_integer: int | None = None
    value_decimal: float | None = None
    value_boolean: bool | None = None
    value_string: str | None = None
    value_quantity: Quantity | None = None
    item: list[AnsweredItem] = []


class AnsweredItem(Part, kw_only=True, rename="camel", gc=False):
    """An Answered Item of FHIR R4, as far as facts need it."""

    link_id: str = ""
    definition: str | None = None
    answer: list[Answer] = []
    item: list[AnsweredItem] = []


class QuestionnaireResponse(Resource, kw_only=True, rename="camel", gc=False):
    """A Questionnaire Response of FHIR R4, as far as facts need it."""

    status: str | None = None
    questionnaire: str | None = None
    authored: str | None = None
    item: list[AnsweredItem] = []


class QuestionItem(Part, kw_only=True, rename="camel", gc=False):
    """A Question Item of FHIR R4, as far as facts need it."""

    link_id: str = ""
    code: list[Coding] = []
    item: list[QuestionItem] = []


class Questionnaire(Resource, kw_only=True, rename="camel", gc=False):
    """A Questionnaire of FHIR R4, as far as facts need it."""

    url: str | None = None
    code: list[Coding] = []
    item: list[QuestionItem] = []


class Procedure(Resource, kw_only=True, rename="camel", gc=False):
    """A Procedure of FHIR R4, as far as facts need it."""

    status: str | None = None
    code: Concept | None = None
    performed_date_time: str | None = None
    performed_period: Period | None = None


class DeviceName(Part, kw_only=True, rename="camel", gc=False):
    """A Device Name of FHIR R4, as far as facts need it."""

    name: str | None = None


class Device(Resource, kw_only=True, rename="camel", gc=False):
    """A Device of FHIR R4, as far as facts need it."""

    status: str | None = None
    type: Concept | None = None
    device_name: list[DeviceName] = []


class DeviceUseStatement(Resource, kw_only=True, rename="camel", gc=False):
    """A Device Use Statement of FHIR R4, as far as facts need it."""

    status: str | None = None
    device: Reference | None = None
    timing_date_time: str | None = None
    timing_period: Period | None = None
    recorded_on: str | None = None


READ_TYPES: dict[str, type[Resource]] = {
    each.__name__: each
    for each in (
        Patient, Condition, Observation, MedicationStatement, MedicationRequest,
        AllergyIntolerance, QuestionnaireResponse, Procedure, Device, DeviceUseStatement,
    )
}  # fmt: skip
"""The resources that can make facts."""

LOOKED_UP_TYPES: dict[str, type[Resource]] = {
    "Medication": Medication,
    "Questionnaire": Questionnaire,
}
"""The resources that others point at."""


class Peek(Part, kw_only=True, rename="camel", gc=False):
    """What kind of resource a text is."""

    resource_type: str
    id: str | None = None


class Request(Part, kw_only=True, rename="camel", gc=False):
    """A Request of FHIR R4, as far as facts need it."""

    method: str | None = None


class Entry(Part, kw_only=True, rename="camel", gc=False):
    """One place of a Bundle; its resource is still text."""

    full_url: str | None = None
    resource: msgspec.Raw = msgspec.Raw()
    request: Request | None = None


class Bundle(Part, kw_only=True, rename="camel", gc=False):
    """The envelope of a Bundle."""

    resource_type: str
    id: str | None = None
    timestamp: str | None = None
    meta: Meta | None = None
    entry: list[Entry] = []
