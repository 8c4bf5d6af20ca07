"""Where staff arrive."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def home(request: HttpRequest) -> HttpResponse:
    """Show where the reader's own work is."""
    return render(request, "people/home.html")
