"""Work that is done a step at a time, in whatever waiting there is."""

from __future__ import annotations

from collections.abc import Generator
from typing import Generic, TypeVar

Result = TypeVar("Result")
Work = Generator[None, None, Result]


class InSteps(Generic[Result]):
    """A generator that yields between its steps, and returns what came of it."""

    def __init__(self, work: Work[Result]) -> None:
        self._work = work
        self._result: Result | None = None
        self._error: Exception | None = None
        self._is_done = False

    def step(self) -> bool:
        """Do one step; False where none was left. What goes wrong is raised by ``result``."""
        if self._is_done:
            return False
        try:
            next(self._work)
        except StopIteration as ended:
            self._result, self._is_done = ended.value, True
        except Exception as error:  # noqa: BLE001 - kept for whoever asks for the result
            self._error, self._is_done = error, True
        return True

    def finish(self) -> None:
        """Do what is left."""
        while self.step():
            pass

    def result(self) -> Result:
        """What came of it, once all of it is done; raises what went wrong."""
        self.finish()
        if self._error is not None:
            raise self._error
        return self._result  # type: ignore[return-value] # done, and nothing went wrong
