"""The addresses of this part."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from overstory.clinic.care import planning_urls, views

PERSON = "people/<uuid:person_id>/"

urlpatterns: list[URLPattern | URLResolver] = [
    path("knowledge/", views.knowledge, name="knowledge"),
    path("knowledge/check/", views.check_policy, name="check_policy"),
    path("knowledge/adopt/", views.adopt_knowledge, name="adopt_knowledge"),
    path(PERSON, views.person, name="person"),
    path(f"{PERSON}board/", views.board, name="board"),
    path(f"{PERSON}board/record/", views.record, name="record_assessment"),
    path(f"{PERSON}board/reasons/", views.write_reason, name="write_reason"),
    path(f"{PERSON}assessments/", views.recorded, name="assessments"),
    path(f"{PERSON}assessments/<uuid:assessment_id>/", views.recorded, name="assessment"),
    path(f"{PERSON}ledger/", views.ledger, name="ledger"),
    path(f"{PERSON}ledger/state/", views.state_trial, name="state_trial"),
    path(f"{PERSON}ledger/<uuid:row_id>/retract/", views.retract_trial, name="retract_trial"),
    path(f"{PERSON}records/", views.records, name="records"),
    path(
        f"{PERSON}records/from/<uuid:upload_id>/",
        views.record_from_upload,
        name="record_from_upload",
    ),
    path(f"{PERSON}records/<uuid:record_id>/", views.imported_record, name="imported_record"),
    path(f"{PERSON}notes/", views.notes, name="notes"),
    path(f"{PERSON}notes/new/", views.note_new, name="note_new"),
    path(f"{PERSON}notes/<uuid:note_id>/", views.note, name="note"),
    path(f"{PERSON}notes/<uuid:note_id>/save/", views.note_save, name="note_save"),
    path(
        f"{PERSON}notes/<uuid:note_id>/<uuid:version_id>/sign/", views.note_sign, name="note_sign"
    ),
    path(f"{PERSON}facts/", views.facts, name="facts"),
    path(f"{PERSON}facts/<slug:name>/", views.fact, name="fact"),
    path(f"{PERSON}facts/<slug:name>/state/", views.state, name="state_fact"),
    path(f"{PERSON}facts/<slug:name>/<uuid:row_id>/retract/", views.retract, name="retract_fact"),
    *planning_urls.urlpatterns,
]
