"""What the list of errors says around the errors, in each language."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ListWords:
    """The words of one language. `headers`: number, sheet, cell, field, value, what is wrong."""

    sheet: str
    one: str
    many: str
    advice: str
    row: str
    headers: tuple[str, str, str, str, str, str]

    def title(self, count: int) -> str:
        """How many errors there are."""
        return self.one if count == 1 else self.many.format(count=f"{count:,}".replace(",", "\u202f"))


WORDS = {
    "en": ListWords(
        "Errors",
        "1 error in this workbook",
        "{count} errors in this workbook",
        "Correct the marked cells and upload this same file again. This sheet and the marks disappear by themselves.",
        "row {row}",
        ("No.", "Sheet", "Cell", "Field", "Value", "What is wrong, and what would be right"),
    ),
    "fr": ListWords(
        "Erreurs",
        "1 erreur dans ce classeur",
        "{count} erreurs dans ce classeur",
        "Corrigez les cellules marquées et renvoyez ce même fichier. "
        "Cette feuille et les marques disparaissent d\u2019elles-mêmes.",
        "ligne {row}",
        ("N\u00ba", "Feuille", "Cellule", "Champ", "Valeur", "Ce qui ne va pas, et ce qui serait juste"),
    ),
    "es": ListWords(
        "Errores",
        "1 error en este libro",
        "{count} errores en este libro",
        "Corrija las celdas marcadas y vuelva a enviar este mismo archivo. Esta hoja y las marcas desaparecen solas.",
        "fila {row}",
        ("N.\u00ba", "Hoja", "Celda", "Campo", "Valor", "Qué está mal y qué sería correcto"),
    ),
}

ERRORS_SHEET_NAMES = tuple(words.sheet for words in WORDS.values())
"""The names a list of errors may have (with a number behind, where the workbook has a sheet of that name)."""

ERRORS_HEADERS = {language: words.headers for language, words in WORDS.items()}
"""The header texts of the list of errors, by language."""


def words_in(language: str) -> ListWords:
    """The words of a language ("fr", "fr-CA"); English for one we do not speak."""
    return WORDS.get(language.replace("_", "-").partition("-")[0].lower(), WORDS["en"])


def free_sheet_name(words: ListWords, taken: list[str]) -> str:
    """The language's name for the list, numbered where the user's own sheet has it."""
    folded = {name.casefold() for name in taken}
    candidates = [words.sheet, *(f"{words.sheet} {number}" for number in range(2, len(taken) + 3))]
    return next(name for name in candidates if name.casefold() not in folded)


def is_errors_sheet_name(name: str) -> bool:
    """Whether a list of errors may be called so: "Errors", "Erreurs 2"."""
    base, _, number = name.strip().rpartition(" ")
    plain = base if number.isdecimal() and base else name.strip()
    return plain.casefold() in {each.casefold() for each in ERRORS_SHEET_NAMES}
