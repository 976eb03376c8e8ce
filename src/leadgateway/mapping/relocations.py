"""All the values that a connection keeps elsewhere: each loss is looked at once for all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from leadgateway.mapping.relocation import Relocation
from leadgateway.mapping.rules import Reading, Writing
from leadgateway.values import Loss


class Relocations:
    """The relocations of one connection, in the order in which they take their places."""

    def __init__(self, each: tuple[Relocation, ...]) -> None:
        self.each = each
        self._paths = frozenset(relocation.path for relocation in each)
        self._insides = tuple(f"{path}." for path in self._paths)

    def put(
        self, leaves: Mapping[str, Any], writing: Writing, base: Mapping[str, Any] | None
    ) -> None:
        """Write what its own field lost to its place, and say `relocated` instead of the losses.

        What the place of a leaf that did not go there says of it all the same is named.
        """
        losses = writing.losses
        lost: dict[str, list[int]] = {}
        gone: list[int] = []
        stayed = []
        looked_at = 0
        for relocation in self.each:
            self._note(lost, losses, looked_at)
            looked_at = len(losses)
            mine = lost.get(relocation.path)
            if relocation.put(leaves, writing, base, lost=mine is not None):
                gone += mine or ()
            else:
                stayed.append(relocation)
        for index in sorted(gone, reverse=True):
            del losses[index]
        for relocation in stayed:
            relocation.name_what_reads_as_it(writing, base)

    def take_back(
        self, payload: Mapping[str, Any], leaves: dict[str, Any], reading: Reading
    ) -> Mapping[str, Any]:
        """Read the leaves from their places; return `payload` without them."""
        for relocation in self.each:
            payload = relocation.take_back(payload, leaves, reading)
        return payload

    def _note(self, lost: dict[str, list[int]], losses: Sequence[Loss], start: int) -> None:
        """Note which of the losses from `start` on are of leaves that have another place."""
        paths, insides = self._paths, self._insides
        for index in range(start, len(losses)):
            loss = losses[index]
            path = loss.path
            if path not in paths:
                if "." not in path or not path.startswith(insides):
                    continue
                path = next(leaf for leaf in paths if path.startswith(f"{leaf}."))
            if loss.fidelity.is_lossy:
                lost.setdefault(path, []).append(index)
