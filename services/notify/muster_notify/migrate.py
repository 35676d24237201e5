"""``python -m muster_notify.migrate``: bring notify's database to its newest migration."""

from __future__ import annotations

from muster_shared import settings
from muster_shared.db import migrate


def main() -> None:
    """Migrate the database that the settings name."""
    migrate("muster_notify", settings.load().database_url("notify"))


if __name__ == "__main__":
    main()
