"""Phone numbers: kept as people write them, and refused where too few digits are left to dial."""

from __future__ import annotations

import re
from typing import Any

from django import forms

FEWEST_DIGITS = 7
DIGITS_WITH_AREA = {"US": 10}
"""Digits of a number by country (ISO 3166-1); the US: area code and seven, North American Numbering Plan."""


def lacks_area_code(phone: str, country: str) -> bool:
    """
    Return whether a number at a site of a country is too short to have its area code.

    False where there is no number, where it is of another country, and where the country's length
    is not on record. The 1 in front of a number of the plan is no part of an area code.
    """
    wanted, digits = DIGITS_WITH_AREA.get(country.upper()), re.sub(r"\D", "", phone)
    is_abroad = phone.strip().startswith("+") and not digits.startswith("1")
    if wanted is None or not digits or is_abroad:
        return False
    return len(digits.removeprefix("1")) < wanted


class PhoneField(forms.CharField):
    """A phone number as someone writes it, with as many digits as a number has."""

    default_error_messages = {
        "too_few_digits": f"This is too short for a phone number: it has {FEWEST_DIGITS} digits or more.",
    }

    def __init__(self, **more: Any) -> None:
        widget = forms.TextInput(attrs={"type": "tel", "inputmode": "tel"})
        super().__init__(**{"max_length": 40, "widget": widget, **more})

    def validate(self, value: str) -> None:
        """Refuse what cannot be dialled."""
        super().validate(value)
        if value and len(re.sub(r"\D", "", value)) < FEWEST_DIGITS:
            raise forms.ValidationError(self.error_messages["too_few_digits"])
