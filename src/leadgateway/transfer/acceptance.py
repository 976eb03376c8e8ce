"""What leads lose, judged and written once for all that lose the same."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from leadgateway.mapping import Policy
from leadgateway.transfer.encode import losses_text
from leadgateway.values import Loss

_MOST: Final = 4096


@dataclass
class Acceptance:
    """What a policy says of losses: leads share the few that there are, so the same are few too.

    Losses are the same where each is the very object, which is found out sooner than that it is
    equal. Those that were judged are kept, so that no other loss comes to stand in their place.
    """

    policy: Policy
    _accepted: dict[tuple[int, ...], tuple[tuple[Loss, ...], str]] = field(default_factory=dict)

    def text(self, losses: tuple[Loss, ...]) -> str:
        """Return `losses` as the journal keeps them; `FidelityError` if one is not accepted."""
        places = tuple(map(id, losses))
        known = self._accepted.get(places)
        if known is None:
            self.policy.check(losses)
            known = losses, losses_text(losses)
            if len(self._accepted) >= _MOST:
                self._accepted.clear()
            self._accepted[places] = known
        return known[1]
