"""In which language a page behind a mail is shown."""

from __future__ import annotations

from flask import request

from muster_notify.letters.language import LANGUAGES, Language, language_of
from muster_notify.models import PreferenceRow
from muster_shared.web import context


def language_for(email: str | None) -> Language:
    """The language asked for by ``lang``, else the one that the person prefers, else the browser's."""
    asked = request.args.get("lang")
    if asked in LANGUAGES:
        return language_of(asked)
    with context().sessions() as session:
        prefers = session.get(PreferenceRow, email.lower()) if email else None
    return language_of(prefers.language if prefers else request.accept_languages.best_match(LANGUAGES) or "en")
