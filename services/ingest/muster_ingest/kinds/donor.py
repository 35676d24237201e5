"""A donor."""

from __future__ import annotations

from muster_ingest.kinds.kind import Kind
from muster_ingest.kinds.values import Choice, Country, Key, Strict, Text


class DonorSchema(Strict):
    """Fields of a donor; ``copy`` is the set of rules for small cells in its reports."""

    donor_id = Key(required=True)
    name = Text(required=True, longest=300)
    type = Text(longest=100)
    country = Country()
    iati_id = Text(longest=100)
    copy = Choice(["donor", "public"])
    language = Choice(["en", "fr", "es"])


KIND = Kind(name="donor", key=("donor_id",), schema=DonorSchema(), central=True)
