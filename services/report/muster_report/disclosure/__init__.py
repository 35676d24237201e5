"""Disclosure control: what a copy that leaves the house hides so that nobody can compute a small count back."""

from muster_report.disclosure.figures import Figure, Key, Loss, Release, Shown, Statistics, Suppression
from muster_report.disclosure.margins import published
from muster_report.disclosure.suppression import suppress, suppress_in_turn

__all__ = [
    "Figure",
    "Key",
    "Loss",
    "Release",
    "Shown",
    "Statistics",
    "Suppression",
    "published",
    "suppress",
    "suppress_in_turn",
]
