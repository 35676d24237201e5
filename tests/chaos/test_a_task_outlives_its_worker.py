"""A task is the broker's until its work is done: what a killed worker had in hand is not gone with it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from redis import Redis

from chaos.running import eventually
from muster_shared.embedded.valkey import Valkey
from muster_shared.tasks import make_celery

TASK = "report.hold"
WORKER = """
import sys, time
from pathlib import Path
from muster_shared.tasks import make_celery
celery = make_celery("report", sys.argv[1])

@celery.task(name="report.hold", shared=False)
def hold():
    Path(sys.argv[2]).touch()
    time.sleep(60)

pool = ["--pool", "threads", "--concurrency", "1", "--without-gossip", "--without-mingle"]
celery.worker_main(["worker", "-Q", "report", *pool])
"""
DATABASE = 5  # of the broker; others use 0


def test_a_task_whose_worker_was_killed_is_still_the_brokers(valkey_server: Valkey, tmp_path: Path) -> None:
    url, begun = valkey_server.url(DATABASE), tmp_path / "begun"
    celery = make_celery("report", url)
    celery.send_task(TASK)
    celery.close()
    worker = subprocess.Popen([sys.executable, "-c", WORKER, url, str(begun)], cwd=tmp_path)
    try:
        eventually(begun.exists, "the task has begun", 60)
    finally:
        worker.kill()
        worker.wait()
    with Redis.from_url(url) as redis:
        [kept] = redis.hvals("unacked")
        redis.flushdb()
    assert TASK.encode() in kept
