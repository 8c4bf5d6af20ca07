"""The pages for what is not there, not allowed, or broken; none of them knows a patient."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say that there is no such page; what was refused looks the same."""
    del exception
    return render(request, "ui/not_found.html", status=404)


def refused(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say that the form was too old or came from elsewhere."""
    del exception
    return render(request, "ui/refused.html", status=403)


def broken(request: HttpRequest) -> HttpResponse:
    """Say that something failed here, with no detail."""
    return render(request, "ui/broken.html", status=500)
