"""The pages of people for administrators: found, added, changed, closed, signed out."""

from __future__ import annotations

from typing import Any, Final

from flask import make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from muster_ingest.identity import people, person_forms, schemas, tokens
from muster_ingest.identity.person_forms import Wrong
from muster_ingest.kinds.refusals import Coded
from muster_ingest.pages import pages
from muster_shared.language import LANGUAGES, noted
from muster_shared.problems import Problem
from muster_shared.web import caller, context

_PAGE: Final = 50
_NEW: Final = {"email": "", "name": "", "role": "focal_point", "language": "en", "time_zone": "UTC", "donor": ""}
NOTICES: Final = {
    "added": noted("The person was added: with a mail link they can sign in now."),
    "changed": noted("The changes are stored."),
    "closed": noted("The account is closed, and the person is signed out everywhere."),
    "reopened": noted("The account is open again."),
    "signed-out": noted("The person is signed out everywhere; their tokens open nothing any more."),
}


@pages.get("/admin/users")
def users() -> str:
    """Everybody who may sign in, found by name or address, role, office."""
    found = [person for person in people.listed(context(), caller())["items"] if _is_asked_for(person)]
    page = min(max(request.args.get("page", 1, type=int), 1), max(-(-len(found) // _PAGE), 1))
    return render_template(
        "admin_users.html",
        people=found[(page - 1) * _PAGE : page * _PAGE],
        count=len(found),
        page=page,
        more=page * _PAGE < len(found),
        roles=person_forms.ROLES_OF_PEOPLE,
    )


@pages.get("/admin/users/new")
def new_user() -> AnyResponse:
    """A form for somebody new."""
    return _form(None, {**_NEW, "offices": [], "regions": []}, {})


@pages.post("/admin/users/new")
def add_user() -> AnyResponse:
    """Add somebody."""
    typed = person_forms.typed(request.form)
    given, wrong = person_forms.loaded(schemas.NewPerson, {**typed, "donor": typed.get("donor") or None})
    if wrong:
        return _form(None, typed, wrong)
    try:
        added = people.add(context(), caller(), given)
    except Problem as problem:
        return _form(None, typed, _told(problem))
    return _to(added["email"], "added")


@pages.get("/admin/users/<email>")
def user(email: str) -> AnyResponse:
    """Somebody: what is known of them, and what can be done."""
    person = people.one(context(), caller(), email)
    return _form(person, person, {})


@pages.post("/admin/users/<email>")
def change_user(email: str) -> AnyResponse:
    """Store other facts about somebody."""
    person, typed = people.one(context(), caller(), email), person_forms.typed(request.form)
    typed.pop("email", None)
    given, wrong = person_forms.loaded(schemas.PersonChange, {**typed, "donor": typed.get("donor") or None})
    if wrong:
        return _form(person, {**person, **typed}, wrong)
    try:
        people.change(context(), caller(), email, given)
    except Problem as problem:
        return _form(person, {**person, **typed}, _told(problem))
    return _to(email, "changed")


@pages.post("/admin/users/<email>/active")
def open_or_close_user(email: str) -> AnyResponse:
    """Close an account, or open it again."""
    active = request.form.get("active") == "yes"
    people.change(context(), caller(), email, {"active": active})
    return _to(email, "reopened" if active else "closed")


@pages.post("/admin/users/<email>/sign-out")
def sign_out_user(email: str) -> AnyResponse:
    """Sign somebody out everywhere."""
    people.sign_out_everywhere(context(), caller(), email)
    return _to(email, "signed-out")


def _is_asked_for(person: dict[str, Any]) -> bool:
    wanted, role, office = (request.args.get(name, "").strip().lower() for name in ("q", "role", "office"))
    closed = request.args.get("closed", "") == "yes"
    return (
        all(word in f"{person['name']} {person['email']}".lower() for word in wanted.split())
        and role in {"", person["role"]}
        and (not office or office in map(str.lower, person["offices"]))
        and (not closed or not person["active"])
    )


def _form(person: dict[str, Any] | None, typed: dict[str, Any], wrong: Wrong) -> AnyResponse:
    with context().sessions() as session:
        offered = person_forms.choices(session, typed)
    rendered = render_template(
        "admin_user.html",
        person=person,
        typed=typed,
        wrong=wrong,
        notice=NOTICES.get(request.args.get("done", "")),
        languages=LANGUAGES,
        time_zones=person_forms.time_zones(),
        tokens=_tokens_of(person["email"]) if person else [],
        **offered,
    )
    return make_response(rendered, 422 if wrong else 200)


def _tokens_of(email: str) -> list[dict[str, Any]]:
    return [one for one in tokens.listed(context(), caller())["items"] if one["name"].lower() == email]


def _told(problem: Problem) -> Wrong:
    """What a refusal says, by field; raises what is no fault of the form."""
    if problem.status not in {409, 422}:
        raise problem
    return person_forms.by_field(problem.errors) or {"email": [Coded(problem.code, problem.detail)]}


def _to(email: str, done: str) -> AnyResponse:
    return redirect(f"/ingest/admin/users/{email.lower()}?done={done}", 303)
