"""The addresses of the board, of the repair of a day, and of the waiting list."""

from __future__ import annotations

from django.urls import URLPattern, path

from overstory.clinic.week import board_views as board

urlpatterns: list[URLPattern] = [
    path("calendar/", board.board, name="calendar"),
]
