"""The cheapest flow of whole units through a network, by shortest ways: the same network gives the same flow."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

SOURCE, SINK = "from", "to"


@dataclass(slots=True)
class _Edge:
    start: str
    end: str
    room: int
    cost: int
    back: int


@dataclass(slots=True)
class Flow:
    """A network from ``from`` to ``to``; costs may be below 0 as long as no circle of edges costs less than 0."""

    edges: list[_Edge] = field(default_factory=list)
    leaving: dict[str, list[int]] = field(default_factory=dict)
    _between: dict[tuple[str, str], list[int]] = field(default_factory=dict)

    def edge(self, start: str, end: str, room: int, cost: int) -> None:
        """Add a way for ``room`` units at ``cost`` each."""
        at = len(self.edges)
        self.edges += [_Edge(start, end, room, cost, at + 1), _Edge(end, start, 0, -cost, at)]
        self.leaving.setdefault(start, []).append(at)
        self.leaving.setdefault(end, []).append(at + 1)
        self._between.setdefault((start, end), []).append(at)

    def push(self, units: int) -> None:
        """Send units one by one, each by the cheapest way that is left.

        Raises:
            ValueError: there is no way left.
        """
        for _ in range(units):
            for at in self._cheapest_way():
                self.edges[at].room -= 1
                self.edges[self.edges[at].back].room += 1

    def flows(self, start: str, end: str) -> int:
        """Units that go from one node straight to another."""
        return sum(self.edges[self.edges[at].back].room for at in self._between.get((start, end), ()))

    def _cheapest_way(self) -> list[int]:
        cost, came_by = {SOURCE: 0}, dict[str, int]()
        waiting = deque([SOURCE])
        while waiting:
            node = waiting.popleft()
            for at in self.leaving.get(node, ()):
                edge = self.edges[at]
                reached = cost[node] + edge.cost
                if edge.room and (edge.end not in cost or reached < cost[edge.end]):
                    cost[edge.end], came_by[edge.end] = reached, at
                    waiting.append(edge.end)
        return self._way(came_by)

    def _way(self, came_by: dict[str, int]) -> list[int]:
        if SINK not in came_by:
            raise ValueError("the network has no way left")
        way, node = [], SINK
        while node != SOURCE:
            way.append(came_by[node])
            node = self.edges[came_by[node]].start
        return way
