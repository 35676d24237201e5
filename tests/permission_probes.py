"""A request for every route: one inside the caller's scope, one outside of it, and what a list must or must not hold.

``{name}`` in a path is filled with what the two offices hold: ``*_in`` of Kenya, the example fund and the caller,
``*_out`` of Colombia, the other fund and somebody else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class Probe:
    """How a route is tried.

    Attributes:
        inside: a path that every role in scope may use.
        outside: the same for what only roles with the scope "all" may use; None where a route has no such thing.
        body: sent as JSON, or as it is where it is bytes.
        body_outside: another body for the path outside.
        holds: texts of the answer: of what is inside, and of what is outside and must not show.
        before: makes ready, in the house it is given, what the request uses up.
    """

    inside: str
    outside: str | None = None
    body: Any = None
    body_outside: Any = None
    holds: tuple[str, str] | None = None
    before: Callable[[Any], None] | None = None


def _envelope(office: str) -> dict[str, Any]:
    record = {"kind": "partner", "partner_id": f"p-{office}", "name": office, "type": "ngo_national"}
    return {"office": office, "records": [record]}


def _form(office: str) -> bytes:
    content = f"project_code,title\nX-{office},A title"
    return (
        f'--B\r\nContent-Disposition: form-data; name="office"\r\n\r\n{office}\r\n'
        f'--B\r\nContent-Disposition: form-data; name="kind"\r\n\r\nproject\r\n'
        f'--B\r\nContent-Disposition: form-data; name="file"; filename="project.csv"\r\n'
        f"Content-Type: text/csv\r\n\r\n{content}\r\n--B--\r\n"
    ).encode()


def _fields(**fields: str) -> bytes:
    parts = (f'--B\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{said}\r\n' for name, said in fields.items())
    return f"{''.join(parts)}--B--\r\n".encode()


def _file() -> bytes:
    head = (
        b'--B\r\nContent-Disposition: form-data; name="file"; filename="note.txt"\r\nContent-Type: text/plain\r\n\r\n'
    )
    return head + b"A note\r\n--B--\r\n"


def _both(path: str) -> tuple[str, str]:
    """A path inside and outside, by its ``{name}`` with ``_in`` or ``_out``."""
    return path.replace("}", "_in}"), path.replace("}", "_out}")


def _of_submission(ending: str) -> tuple[str, str]:
    return _both("/ingest/v1/submissions/{submission}" + ending)


def _of_project(ending: str) -> tuple[str, str]:
    return _both("/ingest/v1/projects/{project}" + ending)


def _of_obligation(ending: str) -> tuple[str, str]:
    return _both("/notify/v1/obligations/{obligation}" + ending)


_PDF: Final = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
_SCHEDULE: Final = "/report/v1/schedules/funding-requirements?year=2016"
_LOOK: Final = {"name": "Fund", "accent": "#14532D", "tint": "#DCFCE7"}
_FOLLOW: Final = {"report": "funding-requirements", "params": {"year": "2016"}}
_OWN_REPORT: Final = "donor_id={donor_in}&until=2016-11-30&copy=donor"
_OTHER_REPORT: Final = "donor_id={donor_out}&until=2016-11-30&copy=donor"
_TITLES: Final = ("Shelter in Kenya", "Shelter in Colombia")
_CODES: Final = ("KE-001", "CO-001")


def _report(ending: str) -> Probe:
    path = f"/report/v1/reports/donor/{ending}?"
    return Probe(path + _OWN_REPORT, path + _OTHER_REPORT)


def _issue(ending: str) -> Probe:
    return Probe(*_both("/report/v1/issues/{issue}" + ending))


def _retried(path: str, body: bytes | None = None) -> Probe:
    return Probe(path, body=body, before=lambda walker: walker.set_changes_aside())


def _of_known(ending: str, **fields: str) -> Probe:
    """A page of somebody who may sign in."""
    known = {"email": "known@example.org", "name": "Known", "role": "analyst"}
    return Probe(
        f"/ingest/admin/users/known@example.org{ending}",
        body=_fields(**fields) if fields else None,
        before=lambda walker: walker.house.admin("POST", "/ingest/v1/users", known),
    )


INGEST: Final = {
    "POST /ingest/v1/submissions": Probe(
        "/ingest/v1/submissions", "/ingest/v1/submissions", _envelope("KEN"), _envelope("COL")
    ),
    "GET /ingest/v1/submissions": Probe(
        "/ingest/v1/submissions?limit=1000", holds=("{submission_in}", "{submission_out}")
    ),
    "POST /ingest/v1/workbooks": Probe("/ingest/v1/workbooks", "/ingest/v1/workbooks", _form("KEN"), _form("COL")),
    "GET /ingest/v1/templates/<kind>.xlsx": Probe(
        "/ingest/v1/templates/project.xlsx?office=KEN", "/ingest/v1/templates/project.xlsx?office=COL"
    ),
    "GET /ingest/v1/submissions/<uuid:submission_id>": Probe(*_of_submission("")),
    "GET /ingest/v1/submissions/<uuid:submission_id>/original": Probe(*_of_submission("/original")),
    "GET /ingest/v1/submissions/<uuid:submission_id>/annotated.xlsx": Probe(
        *_both("/ingest/v1/submissions/{workbook}/annotated.xlsx")
    ),
    "GET /ingest/v1/submissions/<uuid:submission_id>/changes": Probe(*_of_submission("/changes")),
    "POST /ingest/v1/submissions/<uuid:submission_id>/revert": Probe(*_of_submission("/revert?dry_run=true")),
    "POST /ingest/v1/handovers": Probe("/ingest/v1/handovers?dry_run=true", body={}),
    "GET /ingest/v1/records/<kind>": Probe("/ingest/v1/records/project?q=Shelter", holds=_TITLES),
    "GET /ingest/v1/records/<kind>/<path:key>": Probe(*_both("/ingest/v1/records/project/{project}")),
    "GET /ingest/v1/records/<kind>/<path:key>/revisions": Probe(
        *_both("/ingest/v1/records/project/{project}/revisions")
    ),
    "GET /ingest/v1/changes": Probe("/ingest/v1/changes"),
    "POST /ingest/v1/projects/<project_code>/transitions": Probe(
        *_of_project("/transitions"), {"to": "closed"}, {"to": "closed"}
    ),
    "GET /ingest/v1/projects/<project_code>/transitions": Probe(*_of_project("/transitions")),
    "GET /ingest/v1/transitions/waiting": Probe("/ingest/v1/transitions/waiting", holds=("KE-002", "CO-002")),
    "GET /ingest/v1/workflow.svg": Probe("/ingest/v1/workflow.svg"),
    "GET /ingest/v1/projects/<project_code>/documents": Probe(*_of_project("/documents")),
    "PUT /ingest/v1/projects/<project_code>/documents/<name>": Probe(
        *_of_project("/documents/agreement.pdf?type=agreement"), _PDF, _PDF
    ),
    "GET /ingest/v1/projects/<project_code>/documents/<name>": Probe(*_of_project("/documents/budget.pdf")),
    "GET /ingest/v1/projects/<project_code>/documents/<name>/versions": Probe(
        *_of_project("/documents/budget.pdf/versions")
    ),
    "GET /ingest/v1/me": Probe("/ingest/v1/me", holds=("{me_in}", "{me_out}")),
    "GET /ingest/v1/users": Probe("/ingest/v1/users"),
    "POST /ingest/v1/users": Probe("/ingest/v1/users", body={}),
    "PATCH /ingest/v1/users/<email>": Probe("/ingest/v1/users/stranger@example.org", body={"role": "nobody"}),
    "GET /ingest/v1/users/<email>/erasure": Probe(
        "/ingest/v1/users/stranger@example.org/erasure",
        before=lambda walker: walker.house.admin("POST", "/ingest/v1/users/stranger@example.org/erasure?force=true"),
    ),
    "POST /ingest/v1/users/<email>/erasure": Probe("/ingest/v1/users/stranger@example.org/erasure?dry_run=true"),
    "GET /ingest/v1/erasures": Probe("/ingest/v1/erasures"),
    "POST /ingest/v1/erasures/<uuid:erasure_id>/done": Probe(
        "/ingest/v1/erasures/00000000-0000-0000-0000-000000000000/done", body={"touched": {}}
    ),
    "POST /ingest/v1/users/<email>/sign-out": Probe(*_both("/ingest/v1/users/{me}/sign-out")),
    "GET /ingest/v1/tokens": Probe("/ingest/v1/tokens", holds=("{token_in}", "{token_out}")),
    "POST /ingest/v1/tokens": Probe(
        "/ingest/v1/tokens", "/ingest/v1/tokens", {"title": "own"}, {"title": "t", "role": "analyst", "name": "me"}
    ),
    "DELETE /ingest/v1/tokens/<token_id>": Probe(*_both("/ingest/v1/tokens/{token}")),
    "GET /ingest/v1/revoked": Probe("/ingest/v1/revoked?known=-1"),
    "GET /ingest/": Probe("/ingest/"),
    "GET /ingest/me": Probe("/ingest/me", holds=("{me_in}", "{me_out}")),
    "POST /ingest/me/tokens": Probe("/ingest/me/tokens", body=_fields(title="own", days="5")),
    "POST /ingest/me/tokens/<token_id>/revoke": Probe(*_both("/ingest/me/tokens/{token}/revoke"), _fields(x="")),
    "GET /ingest/admin": Probe("/ingest/admin"),
    "GET /ingest/admin/jobs": Probe("/ingest/admin/jobs"),
    "GET /ingest/admin/audit": Probe("/ingest/admin/audit"),
    "GET /ingest/parts/behind": Probe("/ingest/parts/behind?after=0"),
    "GET /ingest/admin/users": Probe("/ingest/admin/users"),
    "GET /ingest/admin/users/new": Probe("/ingest/admin/users/new"),
    "POST /ingest/admin/users/new": Probe("/ingest/admin/users/new", body=_fields(name="")),
    "GET /ingest/admin/users/<email>": _of_known(""),
    "POST /ingest/admin/users/<email>": _of_known("", name="Known"),
    "POST /ingest/admin/users/<email>/active": _of_known("/active", active="yes"),
    "POST /ingest/admin/users/<email>/sign-out": _of_known("/sign-out", x=""),
    "GET /ingest/admin/users/<email>/erasure": _of_known("/erasure"),
    "POST /ingest/admin/users/<email>/erasure": Probe(
        "/ingest/admin/users/stranger@example.org/erasure",
        body=_fields(x=""),
        before=lambda walker: walker.house.admin("POST", "/ingest/v1/users/stranger@example.org/erasure?force=true"),
    ),
    "GET /ingest/admin/tokens": Probe("/ingest/admin/tokens"),
    "POST /ingest/admin/tokens": Probe("/ingest/admin/tokens", body=_fields(title="")),
    "POST /ingest/admin/tokens/<token_id>/revoke": Probe("/ingest/admin/tokens/{token_in}/revoke", body=_fields(x="")),
    "GET /ingest/admin/handover": Probe("/ingest/admin/handover"),
    "POST /ingest/admin/handover": Probe("/ingest/admin/handover", body=_fields(giver="")),
    "GET /ingest/search": Probe("/ingest/search?q=shelter", holds=_TITLES),
    "GET /ingest/projects": Probe("/ingest/projects", holds=_CODES),
    "GET /ingest/projects/<project_code>": Probe(*_both("/ingest/projects/{project}")),
    "GET /ingest/projects/<project_code>/compare": Probe(*_both("/ingest/projects/{project}/compare")),
    "POST /ingest/projects/<project_code>/steps": Probe(
        *_both("/ingest/projects/{project}/steps"), _fields(to="closed"), _fields(to="closed")
    ),
    "POST /ingest/projects/<project_code>/documents": Probe(
        *_both("/ingest/projects/{project}/documents"), _file(), _file()
    ),
    "GET /ingest/review": Probe("/ingest/review", holds=("KE-002", "CO-002")),
    "GET /ingest/bookmarks": Probe("/ingest/bookmarks"),
    "POST /ingest/bookmarks": Probe("/ingest/bookmarks", body=_fields(href="/ingest/projects", title="Projects")),
    "POST /ingest/bookmarks/remove": Probe("/ingest/bookmarks/remove", body=_fields(href="/ingest/projects")),
    "GET /ingest/parts/bookmark": Probe("/ingest/parts/bookmark?href=/report/&title=Reports"),
    "GET /ingest/parts/bookmarks": Probe("/ingest/parts/bookmarks"),
    "GET /ingest/upload": Probe("/ingest/upload"),
    "POST /ingest/upload": Probe("/ingest/upload", "/ingest/upload", _form("KEN"), _form("COL")),
    "GET /ingest/submissions": Probe("/ingest/submissions", holds=("{submission_in}", "{submission_out}")),
    "GET /ingest/submissions/<uuid:submission_id>": Probe(*_both("/ingest/submissions/{submission}")),
    "POST /ingest/submissions/<uuid:submission_id>/submit": Probe(*_both("/ingest/submissions/{submission}/submit")),
    "POST /ingest/submissions/<uuid:submission_id>/revert": Probe(*_both("/ingest/submissions/{submission}/revert")),
    "GET /ingest/records/<kind>": Probe("/ingest/records/project?q=Shelter", holds=_TITLES),
    "GET /ingest/records/<kind>/<path:key>": Probe(*_both("/ingest/records/project/{project}")),
    "POST /ingest/records/<kind>/<path:key>": Probe(*_both("/ingest/records/project/{project}")),
}

REPORT: Final = {
    "GET /report/v1/reports": Probe("/report/v1/reports", holds=("{issue_in}", "{issue_out}")),
    "GET /report/v1/reports/<key>/latest.xlsx": _report("latest.xlsx"),
    "GET /report/v1/reports/<key>/latest.<any(html, csv, json):form>": _report("latest.json"),
    "GET /report/v1/reports/<key>/issues": _report("issues"),
    "GET /report/v1/reports/<key>/explain": Probe(f"/report/v1/reports/donor/explain?{_OWN_REPORT}&sheet=x"),
    "POST /report/v1/reports/<key>/runs": Probe("/report/v1/reports/funding-requirements/runs?year=2016"),
    "GET /report/v1/runs/<uuid:run_id>": Probe("/report/v1/runs/{run}"),
    "GET /report/v1/issues/<uuid:issue_id>": _issue(""),
    "GET /report/v1/issues/<uuid:issue_id>.xlsx": _issue(".xlsx"),
    "GET /report/v1/issues/<uuid:issue_id>.<any(html, csv, json):form>": _issue(".csv"),
    "GET /report/v1/issues/<uuid:issue_id>/compare/<uuid:other_id>": Probe(
        "/report/v1/issues/{issue_in}/compare/{issue_in}"
    ),
    "GET /report/v1/issues/<uuid:issue_id>/checklist": Probe("/report/v1/issues/{issue_in}/checklist"),
    "POST /report/v1/issues/<uuid:issue_id>/release": Probe("/report/v1/issues/{issue_in}/release"),
    "GET /report/v1/exports/iati.xml": Probe("/report/v1/exports/iati.xml"),
    "GET /report/v1/exports/<kind>.csv": Probe("/report/v1/exports/project.csv"),
    "GET /report/v1/looks": Probe("/report/v1/looks"),
    "GET /report/v1/looks/<scope>": Probe("/report/v1/looks/default"),
    "PUT /report/v1/looks/<scope>": Probe("/report/v1/looks/default", body=_LOOK),
    "DELETE /report/v1/looks/<scope>": Probe("/report/v1/looks/office:KEN", before=lambda house: house.set_look()),
    "GET /report/v1/looks/<scope>/logo.png": Probe(
        "/report/v1/looks/office:KEN/logo.png", before=lambda house: house.set_look()
    ),
    "GET /report/v1/schedules": Probe("/report/v1/schedules"),
    "GET /report/v1/schedules/<key>": Probe(_SCHEDULE, before=lambda house: house.set_schedule()),
    "PUT /report/v1/schedules/<key>": Probe(_SCHEDULE, body={"kind": "nightly"}),
    "DELETE /report/v1/schedules/<key>": Probe(_SCHEDULE, before=lambda house: house.set_schedule()),
    "GET /report/v1/calendar": Probe("/report/v1/calendar"),
    "GET /report/": Probe("/report/", holds=("{issue_in}", "{issue_out}")),
    "GET /report/issues/<uuid:issue_id>": Probe("/report/issues/{issue_in}"),
    "GET /report/reports/<key>": Probe(
        f"/report/reports/donor?{_OWN_REPORT}", f"/report/reports/donor?{_OTHER_REPORT}"
    ),
    "POST /report/reports/<key>/runs": Probe("/report/reports/funding-requirements/runs", body=_fields(year="2016")),
    "GET /report/reports/<key>/runs/<uuid:run_id>": Probe("/report/reports/funding-requirements/runs/{run}"),
    "POST /report/issues/<uuid:issue_id>/release": Probe("/report/issues/{issue_in}/release", body=_fields(note="x")),
    "GET /report/issues/<uuid:issue_id>/read": Probe(*_both("/report/issues/{issue}/read")),
    "GET /report/issues/<uuid:issue_id>/explain": Probe("/report/issues/{issue_in}/explain?sheet=x"),
    "GET /report/issues/<uuid:issue_id>/parts/downloads": Probe(*_both("/report/issues/{issue}/parts/downloads")),
    "GET /report/compare": Probe("/report/compare?a={issue_in}&b={issue_in}"),
    "GET /report/calendar": Probe("/report/calendar"),
    "GET /report/figures": Probe("/report/figures"),
    "GET /report/figures/map": Probe("/report/figures/map"),
    "GET /report/figures/<name>": Probe("/report/figures/funding"),
    "GET /report/parts/map": Probe("/report/parts/map"),
    "GET /report/calendar/schedules": Probe("/report/calendar/schedules?report=donor"),
    "GET /report/calendar/schedules/<key>": Probe("/report/calendar/schedules/donor"),
    "POST /report/calendar/schedules/<key>": Probe(
        "/report/calendar/schedules/funding-requirements", body=_fields(year="2016", kind="nightly", hour="3")
    ),
    "POST /report/calendar/schedules/<key>/remove": Probe(
        "/report/calendar/schedules/funding-requirements/remove",
        body=_fields(year="2016"),
        before=lambda house: house.set_schedule(),
    ),
    "GET /report/admin": Probe("/report/admin"),
    "GET /report/parts/admin": Probe("/report/parts/admin"),
    "GET /report/v1/set-aside": Probe("/report/v1/set-aside"),
    "POST /report/v1/set-aside/<int:position>/retry": _retried("/report/v1/set-aside/1/retry"),
    "POST /report/admin/set-aside/<int:position>": _retried("/report/admin/set-aside/1", body=_fields(x="")),
    "POST /report/admin/retry/<key>": Probe("/report/admin/retry/funding-requirements", body=_fields(year="2016")),
}

NOTIFY: Final = {
    "GET /notify/v1/obligations": Probe("/notify/v1/obligations", holds=_CODES),
    "GET /notify/v1/obligations/<uuid:obligation_id>": Probe(*_of_obligation("")),
    "POST /notify/v1/obligations/<uuid:obligation_id>/snooze": Probe(
        *_of_obligation("/snooze"), {"reason": "the auditor is ill", "until": "2016-12-02"}
    ),
    "POST /notify/v1/obligations/<uuid:obligation_id>/acknowledge": Probe(
        *_of_obligation("/acknowledge"), {"reason": "being written"}
    ),
    "POST /notify/v1/obligations/<uuid:obligation_id>/extension": Probe(
        *_of_obligation("/extension"), {"reason": "floods", "new_end": "2017-06-30"}
    ),
    "GET /notify/v1/reminders": Probe("/notify/v1/reminders?limit=1000", holds=("{reminder_in}", "{reminder_out}")),
    "GET /notify/v1/extensions": Probe("/notify/v1/extensions", holds=_CODES),
    "POST /notify/v1/extensions/<project_code>/<requested_on>/decision": Probe(
        *_both("/notify/v1/extensions/{project}/2016-11-01/decision"), {"decision": "refused"}
    ),
    "GET /notify/v1/preferences": Probe("/notify/v1/preferences", "/notify/v1/preferences?email=other@example.org"),
    "PUT /notify/v1/preferences": Probe("/notify/v1/preferences", "/notify/v1/preferences?email=other@example.org", {}),
    "GET /notify/v1/office-channels/<office>": Probe(
        "/notify/v1/office-channels/KEN", "/notify/v1/office-channels/COL", before=lambda house: house.set_channels()
    ),
    "PUT /notify/v1/office-channels/<office>": Probe(
        "/notify/v1/office-channels/KEN", "/notify/v1/office-channels/COL", {"chat_url": "json://chat.example.org"}
    ),
    "DELETE /notify/v1/office-channels/<office>": Probe(
        "/notify/v1/office-channels/KEN", "/notify/v1/office-channels/COL"
    ),
    "GET /notify/v1/calendar.ics": Probe("/notify/v1/calendar.ics", holds=_CODES),
    "GET /notify/v1/calendars": Probe("/notify/v1/calendars", holds=("{feed_in}", "{feed_out}")),
    "POST /notify/v1/calendars": Probe("/notify/v1/calendars", body={}),
    "DELETE /notify/v1/calendars/<uuid:feed_id>": Probe(*_both("/notify/v1/calendars/{feed}")),
    "GET /notify/v1/follows": Probe("/notify/v1/follows"),
    "PUT /notify/v1/follows": Probe("/notify/v1/follows", body=_FOLLOW),
    "DELETE /notify/v1/follows": Probe("/notify/v1/follows", body=_FOLLOW, before=lambda house: house.let_all_follow()),
    "GET /notify/v1/alarms": Probe("/notify/v1/alarms", holds=("{alarm_in}", "{alarm_out}")),
    "POST /notify/v1/alarms/<uuid:alarm_id>/clear": Probe(*_both("/notify/v1/alarms/{alarm}/clear")),
    "GET /notify/v1/set-aside": Probe("/notify/v1/set-aside"),
    "POST /notify/v1/set-aside/<int:position>/retry": _retried("/notify/v1/set-aside/1/retry"),
    "POST /notify/admin/set-aside/<int:position>": _retried("/notify/admin/set-aside/1", body=_fields(x="")),
    "GET /notify/v1/storm": Probe("/notify/v1/storm"),
    "POST /notify/v1/storm/release": Probe("/notify/v1/storm/release"),
    "GET /notify/v1/reminders/dry-run": Probe("/notify/v1/reminders/dry-run"),
    "POST /notify/v1/bounces": Probe("/notify/v1/bounces", body={}),
    "GET /notify/v1/failing-addresses": Probe("/notify/v1/failing-addresses"),
    "DELETE /notify/v1/failing-addresses/<email>": Probe(
        "/notify/v1/failing-addresses/gone@example.org", before=lambda house: house.let_mail_fail()
    ),
    "GET /notify/": Probe("/notify/", holds=_CODES),
    "GET /notify/parts/deadlines": Probe("/notify/parts/deadlines", holds=_CODES),
    "GET /notify/parts/project": Probe("/notify/parts/project?code={project_in}"),
    "GET /notify/obligations/<uuid:obligation_id>": Probe(*_both("/notify/obligations/{obligation}")),
    "POST /notify/obligations/<uuid:obligation_id>": Probe(
        *_both("/notify/obligations/{obligation}"), _fields(action="acknowledge", reason="on a page")
    ),
    "GET /notify/extensions": Probe("/notify/extensions?status=", holds=_CODES),
    "POST /notify/extensions/<project_code>/<requested_on>": Probe(
        *_both("/notify/extensions/{project}/2016-11-01"), _fields(decision="refused")
    ),
    "GET /notify/reminders": Probe("/notify/reminders", holds=_CODES),
    "GET /notify/preferences": Probe("/notify/preferences", "/notify/preferences?email=other@example.org"),
    "POST /notify/preferences": Probe(
        "/notify/preferences", "/notify/preferences?email=other@example.org", _fields(language="en", channel="mail")
    ),
    "POST /notify/preferences/calendars": Probe("/notify/preferences/calendars", body=_fields(office="")),
    "POST /notify/preferences/calendars/<uuid:feed_id>": Probe(
        *_both("/notify/preferences/calendars/{feed}"), _fields(x=""), before=lambda house: house.make_feeds()
    ),
    "GET /notify/follow": Probe("/notify/follow?report=donor&until=2016-11-30"),
    "POST /notify/follow": Probe("/notify/follow", body=_fields(report="donor", follows="yes")),
    "GET /notify/parts/follow": Probe("/notify/parts/follow?report=donor&until=2016-11-30"),
    "POST /notify/preferences/follows": Probe("/notify/preferences/follows", body=_fields(report="x", params="")),
    "POST /notify/office-channels": Probe(
        "/notify/office-channels",
        "/notify/office-channels",
        _fields(office="KEN", chat_url="json://chat.example.org"),
        _fields(office="COL", chat_url="json://chat.example.org"),
    ),
    "POST /notify/alarms/<uuid:alarm_id>": Probe(*_both("/notify/alarms/{alarm}"), _fields(back="/notify/admin")),
    "GET /notify/admin": Probe("/notify/admin"),
    "POST /notify/admin/storm": Probe("/notify/admin/storm", body=_fields(x="")),
    "POST /notify/admin/addresses": Probe("/notify/admin/addresses", body=_fields(email="gone@example.org")),
    "GET /notify/parts/admin": Probe("/notify/parts/admin"),
}


def of_every_service(service: str) -> dict[str, Probe]:
    """The routes that each service has."""
    return {
        f"GET /{service}/metrics": Probe(f"/{service}/metrics"),
        f"GET /{service}/openapi.json": Probe(f"/{service}/openapi.json"),
        f"GET /{service}/docs": Probe(f"/{service}/docs"),
        f"GET /{service}/sign-out": Probe(f"/{service}/sign-out"),
        f"POST /{service}/sign-out": Probe(f"/{service}/sign-out"),
        f"GET /{service}/health": Probe(f"/{service}/health"),
        f"GET /{service}/parts/health": Probe(f"/{service}/parts/health"),
        f"GET /{service}/audit": Probe(f"/{service}/audit"),
        f"GET /{service}/parts/audit": Probe(f"/{service}/parts/audit"),
        f"GET /{service}/v1/audit": Probe(f"/{service}/v1/audit"),
        f"GET /{service}/v1/audit.csv": Probe(f"/{service}/v1/audit.csv"),
        f"GET /{service}/v1/audit/verification": Probe(f"/{service}/v1/audit/verification"),
        f"POST /{service}/v1/erasures/count": Probe(f"/{service}/v1/erasures/count", body={"address": "a@example.org"}),
    }


PROBES: Final = {"ingest": INGEST, "report": REPORT, "notify": NOTIFY}
