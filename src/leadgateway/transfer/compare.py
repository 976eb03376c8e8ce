"""One lead that was moved: what arrived, what was lost as announced, what was lost without."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from leadgateway.lead import Lead
from leadgateway.mapping import Draft, Use
from leadgateway.mapping.leaves import agree, is_empty, kept, spread
from leadgateway.values import Loss


@dataclass
class Comparison:
    """The fields of one lead by how they fared.

    `agreeing` say the same at both sides; those of them in `spared` do although a loss was
    announced. `lost` differ as was `announced`, `faults` differ and should not; of those `unshown`
    the target said nothing at all, not even that they are empty.
    """

    agreeing: list[str] = field(default_factory=list)
    spared: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    announced: list[Loss] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    unshown: list[str] = field(default_factory=list)


def compare(
    sent: Lead, found: Lead, draft: Draft | None, expected: Lead | None, losses: Sequence[Loss]
) -> Comparison:
    """Compare a lead of the source with the one at the target, given what was announced of it.

    `draft` is what was written and `expected` what the target shows if it stored that as it came;
    a loss that is not the draft's own was announced by the vendor. What is empty at the source is
    looked at where a change emptied it.
    """
    result = Comparison()
    there, wanted = spread(found), spread(expected) if expected else {}
    changed = draft is not None and draft.use is Use.UPDATE
    for path, value in sorted(spread(sent).items()):
        shown = there.get(path)
        emptied = changed and path in wanted
        if is_empty(value) and (is_empty(shown) or not emptied):
            continue
        mine = [loss for loss in losses if _concerns(loss, path)]
        lossy = any(loss.fidelity.is_lossy for loss in mine)
        if kept(value, shown) or (agree(value, shown) and not lossy):
            result.agreeing.append(path)
            if lossy:
                result.spared.append(path)
        elif _is_as_announced(path, mine, draft, wanted, shown):
            result.lost.append(path)
            result.announced.extend(mine)
        else:
            result.faults.append(path)
            if path not in there:
                result.unshown.append(path)
    return result


def _is_as_announced(
    path: str,
    mine: Sequence[Loss],
    draft: Draft | None,
    wanted: Mapping[str, Any],
    shown: Any,
) -> bool:
    """Whether a difference was announced, and what is there instead is what was written."""
    if not mine:
        return False
    by_vendor = draft is None or any(loss not in draft.losses for loss in mine)
    return by_vendor or is_empty(wanted.get(path)) or agree(wanted[path], shown)


def _concerns(loss: Loss, path: str) -> bool:
    return path == loss.path or path.startswith(f"{loss.path}.")
