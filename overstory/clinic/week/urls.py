"""The addresses of the board, of the repair of a day, and of the waiting list."""

from __future__ import annotations

from django.urls import URLPattern, path

from overstory.clinic.week import board_views as board
from overstory.clinic.week import repair_views as repairs
from overstory.clinic.week import waiting_views as waits

urlpatterns: list[URLPattern] = [
    path("calendar/", board.board, name="calendar"),
    path("calendar/out/", repairs.out, name="out"),
    path("calendar/repair/", repairs.repair, name="repair"),
    path("calendar/repair/<uuid:repair_id>/", repairs.repaired, name="repaired"),
    path("waiting/", waits.waiting, name="waiting"),
    path("waiting/<uuid:waiting_id>/take/", waits.waiting_take, name="waiting_take"),
    path("waiting/<uuid:waiting_id>/end/", waits.waiting_end, name="waiting_end"),
    path("appointments/<uuid:appointment_id>/sooner/", waits.sooner, name="sooner"),
    path("appointments/<uuid:appointment_id>/free/", waits.freed, name="freed"),
]
