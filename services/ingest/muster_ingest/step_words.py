"""What pages on projects call the steps of the endorsement workflow, what a project lacks for one, its documents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from markupsafe import Markup

from muster_ingest import process_map
from muster_ingest.process_map import Words
from muster_ingest.shown_values import Shown, columns_by_name
from muster_ingest.workflow import Step, shipped_workflow
from muster_shared.language import Language, noted
from muster_shared.pages.navigation import ROLE_NAMES

BADGES: Final[Mapping[str, str]] = {
    "draft": "idle",
    "submitted": "warn",
    "returned": "bad",
    "endorsed": "good",
    "active": "good",
    "completed": "",
    "closed": "idle",
    "cancelled": "idle",
}
DOCUMENT_TYPES: Final[Mapping[str, str]] = {
    "agreement": noted("Agreement"),
    "amendment": noted("Amendment"),
    "budget": noted("Budget"),
    "proposal": noted("Proposal"),
    "report": noted("Report"),
    "other": noted("Other"),
}
STEPS: Final[Mapping[str, str]] = {
    "submit for endorsement": noted("Submit for endorsement"),
    "submit again": noted("Submit again"),
    "return with comments": noted("Return with comments"),
    "endorse": noted("Endorse"),
    "activate": noted("Activate"),
    "complete": noted("Complete"),
    "close": noted("Close"),
    "cancel": noted("Cancel the project"),
}
_ON_ARROWS: Final[Mapping[str, str]] = {
    "submit for endorsement": noted("submit"),
    "endorse": noted("endorse"),
    "activate": noted("activate"),
    "complete": noted("complete"),
    "close": noted("close"),
}
_LACKING: Final[Mapping[str, str]] = {
    "targets": noted("State how many people it is to reach, by group, sex and age."),
    "areas": noted("Give shares of the budget by funding area that add up to 100 percent."),
    "activities": noted("Give shares of the budget by activity type that add up to 100 percent."),
    "gender_marker": noted("Give a gender marker from 0 to 4."),
    "manager": noted("Name a manager with an e-mail address."),
}


def step_name(name: str, language: Language) -> str:
    """A step in plain words; one of another workflow than the shipped one by its own name."""
    return language.say(STEPS[name]) if name in STEPS else name


def status_name(status: str, language: Language) -> str:
    """A status in plain words."""
    return Shown(language, "UTC").code(columns_by_name("project")["status"], status)


def lacking(error: Mapping[str, Any], language: Language) -> str:
    """What stands in the way of a step, and what would be right."""
    if error["code"] == "not_reported":
        return language.say(
            "Grant {grant} has no final report that its donor did not return: hand it in first.", grant=error["value"]
        )
    text = _LACKING.get(error.get("field", ""))
    return language.say(text) if text else str(error["message"])


def workflow_map(status: str, language: Language) -> Markup:
    """The workflow as a picture with the status a project has marked."""
    words = Words(
        title=language.say("How a project is endorsed"),
        told=" ".join(_told(step, language) for step in shipped_workflow().steps),
        status=lambda each: status_name(each, language),
        step=lambda name: language.say(_ON_ARROWS[name]) if name in _ON_ARROWS else name,
        here=status,
    )
    return process_map.on_page(shipped_workflow(), words)


def _told(step: Step, language: Language) -> str:
    return language.say(
        "From {start} to {end}: {step}, by {roles}.",
        start=status_name(step.from_, language),
        end=status_name(step.to, language),
        step=step_name(step.name, language),
        roles=language.listed(language.say(ROLE_NAMES[role]) for role in step.who),
    )
