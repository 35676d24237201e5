"""The columns of each kind's CSV: field name, HXL 1.1 hashtag, and what is special about it.

A field that is an object has a column for each of its parts (``budget.amount``), so has a list of objects
(``areas.percent``), whose entries stand in rows below each other; a list of plain values is one column, its values
between semicolons. Names and rows are those of the workbooks that offices send. Special are

- ``key``: repeated in each row of a record,
- ``number``: written as a number,
- ``inside``: left out of copies that leave the house: who a person is, notes and free text written for one reader,
  and counts of people, whose small cells would follow from other totals.

Hashtags: the core list of hxlstandard.org; attributes are HXL's where it has one (``+code``, ``+name``, ``+start``,
``+funder``, ``+impl``, ``+ind``, ``+v_iso3``), else words of the field.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a kind's CSV."""

    name: str
    tag: str
    key: bool = False
    number: bool = False
    inside: bool = False

    @property
    def field(self) -> str:
        """The field of the record that the column is part of."""
        return self.name.partition(".")[0]


def kinds() -> tuple[str, ...]:
    """Every kind that has a CSV."""
    return tuple(_TABLES)


@cache
def columns_of(kind: str) -> tuple[Column, ...]:
    """The columns of a kind, in the order of its workbook sheet.

    Raises:
        KeyError: there is no such kind.
    """
    return tuple(_column(line) for line in _TABLES[kind].strip().splitlines())


def _column(line: str) -> Column:
    name, tag, *special = line.split()
    return Column(name, tag, "key" in special, "number" in special, "inside" in special)


_TABLES: Final[Mapping[str, str]] = {
    "office": """
        office                       #org+code+office                key
        name                         #org+name+office
        type                         #org+type+office
        region                       #region+code
        iso3                         #country+code+v_iso3
        m49                          #country+code+v_m49
        time_zone                    #meta+time_zone
        weekend                      #meta+weekend+list
        head.name                    #contact+name+head              inside
        head.email                   #contact+email+head             inside
        reviewer.name                #contact+name+reviewer          inside
        reviewer.email               #contact+email+reviewer         inside
    """,
    "donor": """
        donor_id                     #org+code+funder                key
        name                         #org+name+funder
        type                         #org+type+funder
        country                      #country+code+v_iso3
        iati_id                      #org+id+v_iati+funder
        copy                         #meta+copy
        language                     #meta+language
    """,
    "partner": """
        partner_id                   #org+code+impl                  key
        name                         #org+name+impl
        aliases                      #org+name+alt+impl+list
        type                         #org+type+impl
        type_basis                   #meta+basis+type
        country                      #country+code+v_iso3
        iati_id                      #org+id+v_iati+impl
        merged_into                  #org+code+merged+impl
    """,
    "project": """
        project_code                 #activity+code                  key
        title                        #activity+name
        office                       #org+code+office
        start                        #date+start
        end                          #date+end
        manager.name                 #contact+name+manager           inside
        manager.email                #contact+email+manager          inside
        alternate_manager.name       #contact+name+alternate         inside
        alternate_manager.email      #contact+email+alternate        inside
        budget.amount                #value+budget                   number
        budget.currency              #currency+code+budget
        areas.code                   #sector+code
        areas.percent                #meta+percent+sector            number
        activities.code              #activity+type+code
        activities.percent           #meta+percent+activity          number
        objectives                   #description+objectives
        sdg_targets                  #meta+sdg_target+list
        gender_marker                #meta+gender_marker             number
        targets.group                #beneficiary+group+targeted
        targets.sex                  #beneficiary+sex+targeted
        targets.age_min              #beneficiary+age+min+targeted   number
        targets.age_max              #beneficiary+age+max+targeted   number
        targets.count                #targeted+ind                   number inside
        milestones.name              #activity+name+milestone
        milestones.due               #date+due+milestone
        milestones.completed         #date+completed+milestone
        status                       #status+project
    """,
    "partnership": """
        partnership_id               #meta+id+partnership            key
        partner_id                   #org+code+impl
        partner_printed              #org+name+printed+impl
        office                       #org+code+office
        office_place                 #loc+name+office
        countries                    #country+code+v_iso3+list
        area                         #sector+code
        role                         #org+role+impl
        project_code                 #activity+code
        title                        #activity+name
        start                        #date+start
        end                          #date+end
        period_text                  #meta+period
        people_reached               #reached+ind                    number inside
        people_unit                  #meta+unit+reached
        amount                       #value                          number
        currency                     #currency+code
        note                         #description+note               inside
        source                       #meta+source
        paragraph                    #meta+source+paragraph
    """,
    "grant": """
        grant_id                     #meta+id+grant                  key
        donor_id                     #org+code+funder
        project_code                 #activity+code
        amount                       #value+grant                    number
        currency                     #currency+code
        status                       #status+grant
        signed                       #date+signed
        start                        #date+start
        end                          #date+end
        reporting_rules.rules        #meta+report+rules
        reporting_rules.frequency    #meta+report+frequency
        reporting_rules.type         #meta+report+type
        reporting_rules.period_start #date+start+report
        reporting_rules.period_end   #date+end+report
        reporting_rules.due          #date+due+report
    """,
    "funding_requirement": """
        year                         #date+year                      key number
        office                       #org+code+office                key
        area                         #sector+code                    key
        amount                       #value+required                 number
        currency                     #currency+code
        note                         #description+note               inside
    """,
    "initiative": """
        year                         #date+year                      key number
        slug                         #activity+code                  key
        title                        #activity+name
        objective                    #description+objective
        area                         #sector+code
        required                     #value+required                 number
        overall_budget               #value+budget                   number
        currency                     #currency+code
    """,
    "progress_report": """
        project_code                 #activity+code                  key
        grant_id                     #meta+id+grant                  key
        type                         #meta+report+type               key
        period_start                 #date+start                     key
        period_end                   #date+end                       key
        submitted_on                 #date+submitted
        expenditure.amount           #value+spent                    number
        expenditure.currency         #currency+code+spent
        reached.group                #beneficiary+group+reached
        reached.sex                  #beneficiary+sex+reached
        reached.age_min              #beneficiary+age+min+reached    number
        reached.age_max              #beneficiary+age+max+reached    number
        reached.count                #reached+ind                    number inside
        milestones_completed         #activity+name+milestone+list
        summary                      #description+summary            inside
        challenges                   #description+challenges         inside
        lessons                      #description+lessons            inside
        donor_status                 #status+report
    """,
    "follow_up": """
        project_code                 #activity+code                  key
        grant_id                     #meta+id+grant                  key
        type                         #meta+report+type               key
        period_end                   #date+end                       key
        at                           #date+occurred                  key
        action                       #meta+action
        until                        #date+until
        reason                       #description+reason             inside
        by                           #contact+email+by               inside
    """,
    "extension": """
        project_code                 #activity+code                  key
        requested_on                 #date+requested                 key
        new_end                      #date+end+new
        reason                       #description+reason             inside
        requested_by                 #contact+email+requested        inside
        decision                     #status+decision
        decided_by                   #contact+name+decided           inside
        decided_on                   #date+decided
        comment                      #description+comment            inside
    """,
    "field_activity": """
        activity_id                  #activity+code                  key
        offices                      #org+code+office+list
        title                        #activity+name
        level                        #activity+level
        parent_activity_id           #activity+code+parent
        types                        #activity+type+code+list
        start                        #date+start
        end                          #date+end
        partners                     #org+name+impl+list
        donors                       #org+name+funder+list
        people.group                 #beneficiary+group
        people.target                #targeted+ind                   number inside
        people.reached               #reached+ind                    number inside
        note                         #description+note               inside
        source                       #meta+source
        paragraph                    #meta+source+paragraph
    """,
    "indicator_value": """
        indicator                    #indicator+code                 key
        place                        #loc+name                       key
        period                       #meta+period                    key
        value                        #indicator+num                  number
        unit                         #indicator+unit
        note                         #description+note               inside
        source                       #meta+source
    """,
    "exchange_rate": """
        currency                     #currency+code                  key
        month                        #date+month                     key
        usd_rate                     #value+rate+usd                 number
        source                       #meta+source
    """,
    "published_total": """
        report                       #meta+report                    key
        year                         #date+year                      key number
        table                        #meta+table                     key
        region                       #region+code                    key
        area                         #sector+code                    key
        printed                      #value+printed                  number
        currency                     #currency+code
    """,
}
