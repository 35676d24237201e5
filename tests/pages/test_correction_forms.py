"""The form of a field says back what is stored, and what was typed wrongly is told at its input."""

from __future__ import annotations

import pytest
from werkzeug.datastructures import MultiDict

from every_kind import RECORDS
from muster_ingest import correction_forms
from muster_ingest.correction_forms import FieldForm
from muster_ingest.kinds import KINDS
from muster_ingest.shown_values import Shown
from muster_shared.language import language_of
from workbook_making import fields_of

SHOWN = Shown(language_of("en", "muster_ingest"), "UTC")
FIELDS = [(kind, name) for kind, known in KINDS.items() for name in known.schema.fields]


@pytest.mark.parametrize(("kind", "name"), FIELDS)
def test_a_form_that_is_sent_as_it_was_shown_says_what_is_stored(kind: str, name: str) -> None:
    stored = fields_of(RECORDS[kind])
    shown = FieldForm(kind, name, correction_forms.texts_of(kind, name, stored[name]), {}, SHOWN).groups()
    form = MultiDict((each.name, text) for group in shown for each in group.inputs for text in each.texts or [""])
    read = correction_forms.read(kind, name, correction_forms.texts_in(form))
    assert not read.wrong
    sent = RECORDS[kind] | {name: read.value}
    assert fields_of(sent)[name] == stored[name]
    assert all(each.label and each.hint for group in shown for each in group.inputs)


def test_entries_move_up_over_one_that_was_blanked_so_that_errors_find_their_input() -> None:
    form = MultiDict(
        {
            "value.0.code": "",
            "value.0.percent": "",
            "value.1.code": "migration_health",
            "value.1.percent": "a lot",
            "value.4.code": "migrant_assistance",
            "value.4.percent": "60,5",
        }
    )
    texts = correction_forms.texts_in(form)
    read = correction_forms.read("project", "areas", texts)
    assert read.value[1] == {"code": "migrant_assistance", "percent": "60.5"}
    (message,) = read.wrong["value.0.percent"]
    assert "'a lot' is not a number" in message
    groups = FieldForm("project", "areas", texts, read.wrong, SHOWN).groups()
    assert [[each.text for each in group.inputs] for group in groups][:2] == [
        ["migration_health", "a lot"],
        ["migrant_assistance", "60,5"],
    ]
    assert groups[0].inputs[1].wrong == [message]
    assert len(groups) == 5, "three blank ones to add more"


def test_a_rule_set_and_written_out_reports_are_not_taken_together() -> None:
    due = {"type": "interim", "period_start": "2016-01-01", "period_end": "2016-06-30", "due": "2016-08-15"}
    typed = {f"value.0.{part}": [text] for part, text in due.items()}
    assert correction_forms.read("grant", "reporting_rules", typed).value == [due]
    both = correction_forms.read("grant", "reporting_rules", {"value.rules": ["prm"], **typed})
    assert "not both" in both.wrong["value.rules"][0]


@pytest.mark.parametrize(
    ("kind", "name", "shape"),
    [
        ("project", "start", "day"),
        ("project", "objectives", "lines"),
        ("project", "gender_marker", "number"),
        ("partnership", "area", "choice"),
        ("partnership", "countries", "choices"),
        ("exchange_rate", "month", "month"),
        ("follow_up", "by", "email"),
        ("partner", "name", "text"),
    ],
)
def test_a_field_is_asked_for_as_its_schema_says(kind: str, name: str, shape: str) -> None:
    ((group,),) = [FieldForm(kind, name, {}, {}, SHOWN).groups()]
    assert [each.shape for each in group.inputs] == [shape]
