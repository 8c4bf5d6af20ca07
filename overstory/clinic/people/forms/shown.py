"""Forms that stand beside others on one page."""

from __future__ import annotations

from typing import Any

from django import forms


class BesideForm(forms.Form):
    """A form whose fields have ids of their own on a page with several forms."""

    def __init__(self, *args: Any, **more: Any) -> None:
        more.setdefault("auto_id", f"{type(self).__name__.lower()}_%s")
        super().__init__(*args, **more)
