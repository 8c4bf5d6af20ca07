"""The pages that open a link: with the birth date, and with it once more after a rest."""

from __future__ import annotations

from datetime import date, datetime
from math import ceil
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from overstory.clinic.intake import browsers, links
from overstory.clinic.intake.filling import IntakeLink
from overstory.clinic.intake.frame_views import (
    around,
    link_ways,
    over_page,
    own_path,
    pack_of,
)
from overstory.clinic.intake.showing import (
    moment_words,
    words,
)
from overstory.clinic.people.doors import by_link
from overstory.clinic.ui.words import Words

GET_POST = require_http_methods(["GET", "POST"])


@by_link
@csrf_exempt
@never_cache
@GET_POST
def open_link(request: HttpRequest, token: str) -> HttpResponse:
    """Show a button to who (or what) opens a link; open it for who knows the birth date."""
    link = browsers.find_by_token(request, token)
    now = timezone.now()
    over = links.why_over(link, now)
    if over:
        return over_page(request, link, over)
    if browsers.is_bound(request, link):
        return redirect("fill", link_id=link.pk)
    if link.consumed_at:
        return over_page(request, link, "other_browser", status=403)
    if request.method == "POST" and browsers.is_own(request):
        return _open(request, link, now)
    return _opening(request, link)


def _open(request: HttpRequest, link: IntakeLink, now: datetime) -> HttpResponse:
    say = words(browsers.language_of(request, link))
    born = _birth_date(request)
    if born is None:
        return _opening(request, link, say("open.not_a_date"))
    try:
        key = links.open_link(link=link, birth_date=born, at=now)
    except links.WrongBirthDateError as error:
        return _opening(request, link, _wrong_words(say, error.left))
    except links.NotOpenError as error:
        return over_page(request, link, error.why)
    except links.OtherBrowserError:
        return over_page(request, link, "other_browser", status=403)
    answer = redirect("fill", link_id=link.pk)
    browsers.bind(answer, link, key, now)
    return answer


def _birth_date(request: HttpRequest) -> date | None:
    texts = [request.POST.get(name, "").strip() for name in ("year", "month", "day")]
    if not all(each.isascii() and each.isdigit() and len(each) <= 4 for each in texts):
        return None
    try:
        return date(*(int(each) for each in texts))
    except ValueError:
        return None


def _opening(
    request: HttpRequest, link: IntakeLink, error: str = "", *, is_again: bool = False
) -> HttpResponse:
    context = around(request, link)
    site, say = link.questionnaire.site, words(context["lang"])
    minutes = ceil(len(pack_of(link).questions({})) / link_ways(link).questions_a_minute)
    context["minutes"] = say("open.minutes", count=minutes)
    context["is_again"] = is_again
    context["back"] = request.GET.get("back") or request.POST.get("back", "")
    context["here"] = request.get_full_path()
    until = moment_words(link.expires_at, site, context["lang"])
    context["until"] = words(context["lang"])("open.until", when=until)
    context["error"] = error
    context["sent"] = request.POST if error else {}
    return render(request, "intake/fill_open.html", context, status=422 if error else 200)


@by_link
@csrf_exempt
@never_cache
@GET_POST
def again(request: HttpRequest, link_id: UUID) -> HttpResponse:
    """Ask the browser that opened a link for the birth date once more, and lead back."""
    link = browsers.find_link(request, link_id)
    now = timezone.now()
    if over := links.why_over(link, now):
        return over_page(request, link, over)
    if not browsers.is_bound(request, link):
        return over_page(request, link, "other_browser", status=403)
    if request.method == "GET":
        return _opening(request, link, is_again=True)
    say = words(browsers.language_of(request, link))
    born = _birth_date(request)
    if born is None:
        return _opening(request, link, say("open.not_a_date"), is_again=True)
    try:
        links.open_again(link=link, birth_date=born, at=now)
    except links.WrongBirthDateError as error:
        return _opening(request, link, _wrong_words(say, error.left), is_again=True)
    except links.NotOpenError as error:
        return over_page(request, link, error.why)
    answer = redirect(own_path(request.POST.get("back", ""), link))
    browsers.renew(request, answer, link, now)
    return answer


def _wrong_words(say: Words, left: int) -> str:
    return say("open.wrong_one") if left == 1 else say("open.wrong", left=left)
