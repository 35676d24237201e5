"""A whole instance with three small services instead of Muster's: what the supervisor is tried out with.

``python small_instance.py``: as ``muster up``, settings from the environment.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from muster_cli.parts import ServiceParts, environment
from muster_cli.supervisor import run
from muster_cli.up import say
from muster_shared.embedded.processes import Launch
from muster_shared.settings import SERVICES, Settings, load

SMALL_SERVICE = str(Path(__file__).with_name("small_service.py"))


def small_services(settings: Settings, ports: Mapping[str, int]) -> ServiceParts:
    def launch(name: str, *arguments: str) -> Launch:
        return Launch(name, (sys.executable, *arguments), environment(settings), settings.data_dir)

    return ServiceParts(
        migrations=(launch("small-migrate", "-c", "pass"),),
        stages=(tuple(launch(f"{name}-web", SMALL_SERVICE, str(ports[name])) for name in SERVICES),),
        ready_paths=tuple(f"/{name}/readyz" for name in SERVICES),
    )


if __name__ == "__main__":
    sys.exit(run(load(), plan=small_services, say=say, on_ready=lambda address: say(f"ready {address}")))
