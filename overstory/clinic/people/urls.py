"""The addresses of this part."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from overstory.clinic.people.views import persons, record, sites, staff, times

PERSON = "people/<uuid:person_id>/"
STAFF = "staff/<uuid:staff_id>/"
SITE = "sites/<uuid:site_id>/"

urlpatterns: list[URLPattern | URLResolver] = [
    path("people/", persons.people, name="people"),
    path("people/new/", persons.person_new, name="person_new"),
    path(f"{PERSON}details/", persons.person_details, name="person_details"),
    path(f"{PERSON}details/edit/", persons.person_edit, name="person_edit"),
    path(f"{PERSON}details/channels/", persons.person_channels, name="person_channels"),
    path(f"{PERSON}details/contacts/", persons.contact_add, name="contact_add"),
    path(
        f"{PERSON}details/contacts/<uuid:contact_id>/end/", persons.contact_end, name="contact_end"
    ),
    path(f"{PERSON}details/covers/", persons.cover_add, name="cover_add"),
    path(f"{PERSON}details/covers/<uuid:cover_id>/end/", persons.cover_end, name="cover_end"),
    path(f"{PERSON}doubles/", persons.doubles, name="doubles"),
    path(f"{PERSON}doubles/<uuid:other_id>/merge/", persons.merge, name="merge"),
    path(f"{PERSON}doubles/<uuid:other_id>/unmerge/", persons.unmerge, name="unmerge"),
    path("staff/", staff.staff_list, name="staff"),
    path("staff/invite/", staff.staff_invite, name="staff_invite"),
    path(
        "staff/invitations/<uuid:invitation_id>/withdraw/",
        staff.invitation_withdraw,
        name="invitation_withdraw",
    ),
    path(STAFF, staff.staff_one, name="staff_one"),
    path(f"{STAFF}roles/give/", staff.role_give, name="role_give"),
    path(f"{STAFF}roles/end/", staff.role_end, name="role_end"),
    path(f"{STAFF}close/", staff.staff_deactivate, name="staff_deactivate"),
    path(f"{STAFF}open/", staff.staff_reactivate, name="staff_reactivate"),
    path(f"{STAFF}lost-second-factor/", staff.staff_lost_factor, name="staff_lost_factor"),
    path("invitation/<str:token>/", staff.invitation, name="invitation"),
    path("roster/", times.roster, name="roster"),
    path("roster/shifts/", times.shift_add, name="shift_add"),
    path("roster/shifts/<uuid:shift_id>/end/", times.shift_end, name="shift_end"),
    path("roster/leave/", times.leave_add, name="leave_add"),
    path("roster/leave/<uuid:leave_id>/end/", times.leave_end, name="leave_end"),
    path("roster/on-call/", times.on_call_add, name="on_call_add"),
    path("roster/on-call/<uuid:on_call_id>/end/", times.on_call_end, name="on_call_end"),
    path("audit/", record.audit, name="audit"),
    path("audit/verify/", record.audit_verify, name="audit_verify"),
    path("sites/", sites.sites, name="sites"),
    path("sites/new/", sites.site_new, name="site_new"),
    path(SITE, sites.site, name="site_one"),
    path(f"{SITE}edit/", sites.site_edit, name="site_edit"),
    path(f"{SITE}hours/", sites.site_hours, name="site_hours"),
    path(f"{SITE}closures/", sites.closure_add, name="closure_add"),
    path(f"{SITE}closures/<uuid:closure_id>/end/", sites.closure_end, name="closure_end"),
]
