"""What a process of a service holds: settings, clock, database, object store, and a way to wake others."""

from __future__ import annotations

from dataclasses import dataclass

from celery import Celery
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from muster_shared.clock import Clock
from muster_shared.db import Patience, engine_for, sessions_for
from muster_shared.objects import Objects
from muster_shared.settings import Settings
from muster_shared.tasks import Wake, make_celery


@dataclass(frozen=True, slots=True)
class Context:
    """Passed to every use case; tests replace its parts."""

    service: str
    settings: Settings
    clock: Clock
    engine: Engine
    sessions: sessionmaker[Session]
    objects: Objects
    celery: Celery
    wake: Wake

    @classmethod
    def open(cls, service: str, settings: Settings, patience: Patience | None = None) -> Context:
        """The context of one service; nothing is connected until it is used.

        ``patience`` is that of a worker or a command, unless a web process gives its own.
        """
        engine = engine_for(settings.database_url(service), patience or Patience.of_workers(settings))
        celery = make_celery(service, settings.broker_url())
        return cls(
            service=service,
            settings=settings,
            clock=Clock.of(settings),
            engine=engine,
            sessions=sessions_for(engine),
            objects=Objects.of(settings, service),
            celery=celery,
            wake=Wake(celery, settings.broker_url()),
        )
