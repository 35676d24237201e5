"""What a request asks of report: which report, with which parameters, as of when; each error says what is right."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from flask import request
from marshmallow import Schema, ValidationError
from werkzeug.exceptions import BadRequest

from muster_report import looks
from muster_report.reports import COPY, LANG, ParameterError, Report, catalogue
from muster_report.small_cells import leaves_the_house
from muster_report.words import ENGLISH
from muster_shared.problems import DataError, Problem, not_found
from muster_shared.web import context

_SHOWN: Final = 60  # characters of a wrong name that an answer repeats


def report_named(key: str) -> Report:
    """A report of the catalogue.

    Raises:
        Problem: 404, there is none.
    """
    if key not in catalogue():
        raise not_found(f"there is no report '{key[:_SHOWN]}'; known are {', '.join(catalogue())}")
    return catalogue()[key]


def asked(key: str, *, leave_out: tuple[str, ...] = ()) -> tuple[Report, dict[str, str]]:
    """The report and its parameters, from the query and, of a POST, from its body.

    Raises:
        Problem: 404 for the report, 422 for a parameter, 400 for a body that cannot be read.
    """
    report = report_named(key)
    given = {name: text for name, text in {**_body(), **query()}.items() if name not in leave_out}
    return report, in_its_language(report, given)


def in_its_language(report: Report, given: dict[str, str]) -> dict[str, str]:
    """Parameters as the report reads them; where no language is given, that of the look the copy is made in.

    Raises:
        Problem: 422, one is missing, unknown or wrong.
    """
    read = parameters(report, given)
    return read if LANG.name in given else _in_language_of_look(report, read)


def _in_language_of_look(report: Report, read: dict[str, str]) -> dict[str, str]:
    if not leaves_the_house(read[COPY.name]):
        return read
    with context().sessions() as session:
        lang = looks.language(session, report.key, read)
    return read if lang == ENGLISH else {**read, LANG.name: lang}


def parameters(report: Report, given: dict[str, str]) -> dict[str, str]:
    """Parameters as the report reads them.

    Raises:
        Problem: 422, one is missing, unknown or wrong.
    """
    try:
        return report.read(given)
    except ParameterError as error:
        raise wrong(error.parameter, error.args[0]) from error


def asked_only(*names: str) -> dict[str, str]:
    """The query, which may hold these parameters and no other.

    Raises:
        Problem: 422 for another.
    """
    given = query()
    for name in given.keys() - set(names):
        raise wrong(name[:_SHOWN], f"'{name[:_SHOWN]}' is not a parameter here: give {' and '.join(names)}")
    return given


def query() -> dict[str, str]:
    """The query, each parameter once.

    Raises:
        Problem: 422, one is given twice.
    """
    given = request.args.to_dict(flat=False)
    for name in (name for name, values in given.items() if len(values) > 1):
        raise wrong(name[:_SHOWN], f"'{name[:_SHOWN]}' is given {len(given[name])} times: give it once")
    return {name: values[0] for name, values in given.items()}


def moment(text: str | None, name: str = "as_of") -> datetime | None:
    """A time with its zone, None where none is given.

    Raises:
        Problem: 422, it is not one.
    """
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise wrong(name, f"'{text[:40]}' is not a time: write it like 2016-11-30T08:00:00Z")
    return found


def wrong(name: str, message: str) -> Problem:
    """422: a parameter is not as it should be."""
    error = DataError("bad_parameter", message, field=name)
    return Problem(422, "bad_parameter", "a parameter of the report is not as it should be", errors=[error])


def body(schema: Schema) -> dict[str, Any]:
    """The JSON object of a request as a schema reads it.

    Raises:
        Problem: 400 it cannot be read, 422 with an error for each wrong field.
    """
    try:
        loaded: dict[str, Any] = schema.load(_object())
    except ValidationError as error:
        errors = _errors(error.messages_dict)
        raise Problem(422, "not_valid", "nothing was changed; see errors", errors=errors) from error
    return loaded


def _errors(messages: dict[str, Any]) -> list[DataError]:
    return [
        DataError("not_valid", f"{_storable(str(name))[:_SHOWN]}: {_first(told)}", field=_storable(str(name))[:_SHOWN])
        for name, told in messages.items()
    ]


def _first(told: Any) -> str:
    while not isinstance(told, str):
        told = next(iter(told.values())) if isinstance(told, dict) else told[0]
    return told


def _object() -> dict[str, Any]:
    try:
        document = request.get_json()
    except RecursionError as error:
        raise Problem(400, "not_readable", "the body is nested too deeply") from error
    except BadRequest as error:
        raise Problem(400, "not_readable", "the body is not JSON in UTF-8") from error
    if not isinstance(document, dict):
        raise Problem(400, "not_readable", 'the body is not an object: send {"name": "value"}')
    return document


def _body() -> dict[str, str]:
    """Parameters may also come as a JSON object in the body of a POST."""
    if request.method != "POST" or not request.get_data():
        return {}
    return {name: _parameter_text(name, value) for name, value in _object().items()}


def _parameter_text(name: str, value: object) -> str:
    if not isinstance(value, str | int) or isinstance(value, bool):
        raise wrong(_storable(name)[:_SHOWN], "give a text or a whole number")
    if not is_storable(str(value)):
        raise wrong(_storable(name)[:_SHOWN], "holds a character that text cannot carry (half a pair): leave it out")
    return str(value)


def is_storable(text: str) -> bool:
    """Whether a text can be written as UTF-8 and kept in a database."""
    return text == _storable(text) and "\x00" not in text


def _storable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()
