"""Which parameter sets of a report a change makes stale: by its record, by what stands around it, by what is told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from muster_report.neighbours import Neighbours
from muster_report.reports import Params, Report
from muster_report.revised import Around, Revised


def affected(
    report: Report, record: Around, known: Iterable[Mapping[str, str]], neighbours: Neighbours
) -> list[dict[str, str]]:
    """The parameter sets that a record with these fields marks; none where the report does not read its kind."""
    kind, fields, position = record
    if kind not in report.kinds:
        return []
    marked = list(report.affected(kind, fields, known))
    around = neighbours.of(kind, fields, position) if marked and report.concerns else None
    if report.concerns is None or around is None:
        return marked
    return [params for params in marked if report.concerns(kind, params, around)]


def made_stale(
    report: Report,
    change: Revised,
    known: Callable[[Around], Iterable[Params]],
    neighbours: Neighbours,
    *,
    unseen: bool = False,
) -> list[dict[str, str]]:
    """The parameter sets that a change marks: by the old fields of its record and by the new ones.

    Only those in which a figure may differ, unless ``unseen``; ``known`` are the sets that a record can be in.
    """
    if not unseen and not report.sees_a_change(change.kind, change.stood, change.stands):
        return []
    marked = [params for one in change.around for params in affected(report, one, known(one), neighbours)]
    beside = neighbours.beside(change) if marked and report.of_project and not unseen else None
    if beside is None or report.of_project is None:
        return marked
    return [params for params in marked if report.of_project(params, beside[0]) != report.of_project(params, beside[1])]
