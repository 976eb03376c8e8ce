"""Two charts without a library: shares of a whole, and requests over time."""

from __future__ import annotations

from collections.abc import Sequence

from leadgateway.report.markup import Markup, tag

_WIDTH, _HEIGHT, _FOOT = 640, 140, 18
_MOST_BARS = 160


def share_bar(shares: Sequence[tuple[str, int]], whole: int | None = None) -> Markup:
    """Return a bar of named parts; `whole` is its length where that is more than their sum."""
    total = max(sum(count for _, count in shares), whole or 0, 1)
    parts = [
        tag("i", class_=name, style=f"width:{100 * count / total:.2f}%", title=f"{name}: {count:,}")
        for name, count in shares
        if count
    ]
    said = ", ".join(f"{count} {name}" for name, count in shares if count) or "none"
    return tag("div", *parts, class_="bar", role="img", aria_label=said)


def activity_chart(activity: Sequence[tuple[int, int]]) -> Markup:
    """Return requests over time as bars; (minute, requests) are joined where there are too many."""
    first, last = activity[0][0], activity[-1][0]
    step = (last - first) // _MOST_BARS + 1
    bars = [0] * ((last - first) // step + 1)
    for minute, requests in activity:
        bars[(minute - first) // step] += requests
    most, room = max(bars), _HEIGHT - _FOOT
    slot = _WIDTH / len(bars)
    width = f"{max(1.0, min(slot * 0.8, 48.0)):.1f}"
    shapes = [
        tag(
            "rect", x=f"{index * slot:.1f}", y=f"{room - room * count / most:.1f}", width=width,
            height=f"{room * count / most:.1f}",
        )
        for index, count in enumerate(bars)
    ]  # fmt: skip
    foot = tag("line", x1="0", x2=str(_WIDTH), y1=str(room), y2=str(room))
    words = tag("text", f"{(last - first) + 1} min, {step} min a bar", x="0", y=str(_HEIGHT - 4))
    said = f"{sum(bars)} requests in {last - first + 1} minutes, at most {most} in {step} min"
    box = f"0 0 {_WIDTH} {_HEIGHT}"
    return tag("svg", *shapes, foot, words, viewBox=box, role="img", aria_label=said)
