"""Phone numbers: kept as people write them, and refused where too few digits are left to dial."""

from __future__ import annotations

import re
from typing import Any

from django import forms

FEWEST_DIGITS = 7


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
