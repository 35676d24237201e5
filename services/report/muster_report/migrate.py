"""``python -m muster_report.migrate``: bring report's database to its newest migration."""

from __future__ import annotations

from muster_shared import settings
from muster_shared.db import migrate


def main() -> None:
    """Migrate the database that the settings name."""
    migrate("muster_report", settings.load().database_url("report"))


if __name__ == "__main__":
    main()
