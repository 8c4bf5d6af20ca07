"""The clinic's code keeps its own law: what may not stand anywhere, and where it stands all the same, why."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

CLINIC = Path(__file__).parents[2] / "overstory" / "clinic"
PATHWAY = CLINIC.parent / "pathway"
CODE = sorted(path for path in CLINIC.rglob("*.py") if "migrations" not in path.parts)
TEMPLATES = sorted(CLINIC.rglob("*.html"))
SCOPES = {
    "clinic", "clinic_id", "resource__in", "person", "person_id", "person__in", "person_id__in", "site",
    "site__clinic", "staff", "staff__clinic", "plan", "questionnaire", "alert", "appointment__in",
}  # fmt: skip
"""What a filter names that hangs on rows the view has already reached through the reader's clinic."""
EXCEPTIONS: dict[tuple[str, str, str], str] = {
    ("raw SQL", "config/serving.py", "connection.cursor()"): (
        "asks SQLite for its journal before several processes may share the file"
    ),
    ("safe", "intake/templates/intake/comparison.html", "picture.svg|safe"): (
        "drawn by exchange.aid from numbers of the knowledge; nobody's words are in it"
    ),
    ("safe", "intake/templates/intake/comparison.html", "mark.svg|safe"): (
        "one mark of those pictures, drawn by exchange.aid; its words are those of the guide"
    ),
    ("unscoped", "demo/views.py", "Clinic.objects.order_by('name')"): (
        "lists the clinics of a database in which all are invented; `is_open` refuses any other"
    ),
    (
        "unscoped",
        "demo/views.py",
        "Staff.objects.filter(clinic__is_invented=True, is_active=True)",
    ): "one-click sign-in as staff of an invented clinic, before anyone is signed in",
    ("unscoped", "intake/asking_views.py", "get_object_or_404(Site, slug=slug)"): (
        "the public page of a site: its slug is known to everybody"
    ),
    (
        "unscoped",
        "intake/asking_views.py",
        "get_object_or_404(Site.objects.select_related('clinic'), slug=slug)",
    ): "the public page of a site; the clinic of the request follows from it",
}
"""Which rule, which file, what stands there: and why it may."""


def name_of(node: ast.AST) -> str:
    return ast.unparse(node)


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{each.name}" for each in node.names)


def raw_sql(tree: ast.AST) -> Iterator[str]:
    """`.raw(…)`, `.extra(…)`, `RawSQL(…)`, a cursor."""
    for call in calls(tree):
        last = name_of(call.func).rpartition(".")[2]
        if last in {"raw", "extra", "cursor", "RawSQL", "executescript"}:
            yield name_of(call)


def pickled(tree: ast.AST) -> Iterator[str]:
    """Formats that run what they read."""
    for name in imported(tree):
        if name.split(".")[0] in {"pickle", "marshal", "shelve", "dill", "joblib"}:
            yield name
    yield from (name_of(call) for call in calls(tree) if name_of(call.func) in {"eval", "exec"})


def marked_safe(tree: ast.AST) -> Iterator[str]:
    """Text that would not be escaped; `format_html` escapes what it takes in."""
    for call in calls(tree):
        if name_of(call.func).rpartition(".")[2] in {"mark_safe", "SafeString", "SafeText"}:
            yield name_of(call)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr == "__html__":
            yield name_of(node)


def signals(tree: ast.AST) -> Iterator[str]:
    """Code that runs because other code ran, out of sight."""
    yield from (name for name in imported(tree) if "signals" in name or "dispatch.receiver" in name)


def clocks(tree: ast.AST) -> Iterator[str]:
    """The clock read where the time should be handed in."""
    read = re.compile(r"(^|\.)(now|utcnow|today|time|monotonic|localtime|localdate)$")
    roots = {"datetime", "date", "timezone", "time", "dt"}
    for call in calls(tree):
        name = name_of(call.func)
        if read.search(name) and name.split(".")[0] in roots and "." in name:
            yield name_of(call)


def unscoped(tree: ast.AST) -> Iterator[str]:
    """Rows looked up in a view among those of all clinics."""
    for call in calls(tree):
        name = name_of(call.func)
        named = {word.arg for word in call.keywords}
        chain, _, last = name.rpartition(".")
        is_scoped = last in {"of", "select_related", "none"} or (
            last == "filter" and named & SCOPES
        )
        if chain.endswith(".objects") and not is_scoped:
            yield name_of(call)
        if name in {"get_object_or_404", "get_list_or_404"}:
            first = name_of(call.args[0])
            bare = re.fullmatch(r"[A-Z]\w*(\.objects(\.select_related\([^)]*\))?)?", first)
            if bare and not named & SCOPES:
                yield name_of(call)


def saves(tree: ast.AST) -> Iterator[str]:
    """Logic that runs whenever a row is saved or deleted."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            for each in node.body:
                if isinstance(each, ast.FunctionDef) and each.name in {"save", "delete"}:
                    yield f"{node.name}.{each.name}"


EVERYWHERE = {
    "raw SQL": raw_sql, "pickle": pickled, "mark_safe": marked_safe, "signals": signals,
    "saves": saves,
}  # fmt: skip


def is_view(path: Path) -> bool:
    return "views" in str(path.relative_to(CLINIC)) or path.name in {"today.py", "api.py"}


def is_timeless(path: Path) -> bool:
    """Whether the time is handed in: actions, what they stand on, models, forms."""
    known = str(path.relative_to(CLINIC))
    return not is_view(path) and not known.startswith(("config/", "demo/"))


CLOCKS_ELSEWHERE = {
    "audit/reading.py": "the middleware that records reads; it is the edge, as a view is",
    "people/doors.py": "the middleware that locks idle sessions; it is the edge, as a view is",
    "people/stepup.py": "a mark of views that asks how old the second factor is",
    "people/entering.py": "who a session belongs to, read again after a second; nothing is dated by it",
    "people/accounts.py": "called by allauth, which hands in no time",
    "safety/context.py": "what every page shows of the watch; it is the edge, as a view is",
    "safety/worker.py": "the worker's own round; it hands the time on",
    "care/forms.py": "refuses a moment that is still to come; the form is bound within the view",
}
"""Other edges, at which the clock is read."""


def templates_wrong(text: str) -> Iterator[tuple[str, str]]:
    """What the content policy forbids, and text that would not be escaped."""
    bare = re.sub(r"{#.*?#}|{% comment %}.*?{% endcomment %}", "", text, flags=re.DOTALL)
    for found in re.finditer(r"<[^>]*?\sstyle\s*=", bare):
        yield "inline", found.group()
    for found in re.finditer(r"<style[\s>]", bare):
        yield "inline", found.group()
    for found in re.finditer(r"<[a-z][^>]*?\s(on[a-z]+)\s*=", bare):
        yield "inline", found.group(1)
    for found in re.finditer(r"<script[^>]*>(.*?)</script>", bare, flags=re.DOTALL):
        if found.group(1).strip():
            yield "inline", found.group(1).strip()[:60]
    for found in re.finditer(r"(href|src|action)\s*=\s*[\"']?javascript:", bare):
        yield "inline", found.group()
    for found in re.finditer(r"([\w.]+)\|(safe|safeseq)\b", bare):
        yield "safe", found.group()
    for found in re.finditer(r"{%\s*autoescape\s+off\s*%}", bare):
        yield "safe", found.group()


def found_in_code() -> Iterator[tuple[str, str, str]]:
    for path in CODE:
        tree = ast.parse(path.read_text("utf-8"))
        where = str(path.relative_to(CLINIC))
        for rule, finder in EVERYWHERE.items():
            yield from ((rule, where, each) for each in finder(tree))
        if is_view(path):
            yield from (("unscoped", where, each) for each in unscoped(tree))
        elif is_timeless(path) and where not in CLOCKS_ELSEWHERE:
            yield from (("clock", where, each) for each in clocks(tree))


def found_in_templates() -> Iterator[tuple[str, str, str]]:
    for path in TEMPLATES:
        where = str(path.relative_to(CLINIC))
        for rule, each in templates_wrong(path.read_text("utf-8")):
            yield rule, where, each


def test_nothing_forbidden_stands_in_the_clinic():
    found = {*found_in_code(), *found_in_templates()}

    assert not found - EXCEPTIONS.keys()


def test_nothing_of_the_pathway_reads_the_clock():
    found = {
        (path.name, each)
        for path in PATHWAY.rglob("*.py")
        for each in clocks(ast.parse(path.read_text("utf-8")))
    }

    assert not found


def test_every_exception_is_still_needed():
    found = {*found_in_code(), *found_in_templates()}

    assert EXCEPTIONS.keys() <= found


def test_every_other_edge_still_reads_the_clock():
    for where in CLOCKS_ELSEWHERE:
        assert list(clocks(ast.parse((CLINIC / where).read_text("utf-8")))), where


def test_only_drawings_are_left_unescaped():
    safe = [what for rule, _, what in EXCEPTIONS if rule == "safe"]

    assert all(what.endswith("svg|safe") for what in safe)


@pytest.mark.parametrize(
    ("finder", "code"),
    [
        (raw_sql, "Person.objects.raw('SELECT 1')"),
        (raw_sql, "with connection.cursor() as c: pass"),
        (raw_sql, "rows.extra(where=['1'])"),
        (pickled, "import pickle"),
        (pickled, "from pickle import loads"),
        (pickled, "eval('1')"),
        (marked_safe, "mark_safe(words)"),
        (marked_safe, "safestring.SafeString(words)"),
        (signals, "from django.db.models.signals import post_save"),
        (signals, "from django.dispatch import receiver"),
        (clocks, "datetime.now(UTC)"),
        (clocks, "datetime.utcnow()"),
        (clocks, "date.today()"),
        (clocks, "timezone.now()"),
        (unscoped, "Person.objects.all()"),
        (unscoped, "Person.objects.get(pk=key)"),
        (unscoped, "Person.objects.filter(pk=key)"),
        (unscoped, "get_object_or_404(Person, pk=key)"),
        (unscoped, "get_object_or_404(Person.objects, pk=key)"),
        (saves, "class A:\n    def save(self): pass"),
    ],
)
def test_what_is_forbidden_is_found(finder, code):
    assert list(finder(ast.parse(code)))


@pytest.mark.parametrize(
    "code",
    [
        "request.clinic.persons.filter(pk=key)",
        "Note.objects.filter(person__in=person.ids)",
        "get_object_or_404(request.clinic.persons, pk=key)",
        "get_object_or_404(Note.objects.filter(person__in=person.ids), pk=key)",
    ],
)
def test_what_starts_at_the_clinic_is_let_be(code):
    assert not list(unscoped(ast.parse(code)))


@pytest.mark.parametrize(
    "text",
    [
        '<p style="color: red">', "<style>p{}</style>", '<a href="javascript:x()">',
        '<button type="button" onclick="x()">', "<script>x()</script>", "{{ words|safe }}",
        "{% autoescape off %}", "<p\n style='x'>",
    ],
)  # fmt: skip
def test_what_a_template_may_not_hold_is_found(text):
    assert list(templates_wrong(text))


def test_a_script_of_its_own_file_is_let_be():
    assert not list(templates_wrong('<script src="/static/x.js" defer></script>'))
