"""The languages of mails and of the pages behind them: those of Muster, with notify's catalogues."""

from __future__ import annotations

from babel.messages.catalog import Catalog

from muster_shared import language
from muster_shared.language import ENGLISH, KEYWORDS, LANGUAGES, Language, noted

__all__ = ["ENGLISH", "KEYWORDS", "LANGUAGES", "Language", "catalogue_of", "language_of", "noted"]


def language_of(code: str) -> Language:
    """A language by its code; English for one that Muster does not speak."""
    return language.language_of(code, "muster_notify")


def catalogue_of(code: str) -> Catalog:
    """Notify's own catalogue of a language other than English.

    Raises:
        babel.messages.pofile.PoFileError: the file is not in the format.
    """
    return language.catalogue_of(code, "muster_notify")
