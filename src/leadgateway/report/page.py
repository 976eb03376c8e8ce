"""The report of a job as one page: no script, no network, readable on a phone and on paper."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.resources import files

from leadgateway.journal import JobState, RowState
from leadgateway.report.charts import activity_chart, share_bar
from leadgateway.report.markup import Markup, join, table, tag
from leadgateway.taxonomy import Fidelity
from leadgateway.transfer.certificate import Certificate
from leadgateway.transfer.tally import Tally

_VERDICTS = {
    JobState.DONE: ("good", "Every lead is accounted for."),
    JobState.DONE_WITH_FAILURES: ("bad", "Finished; some leads failed and are listed below."),
    JobState.NEEDS_OPERATOR: ("open", "Some writes are in doubt and need a person to look."),
    JobState.PAUSED: ("open", "Paused; start it again and it goes on where it was."),
    JobState.RUNNING: ("open", "Not finished; start it again and it goes on where it was."),
}


def page(certificate: Certificate, activity: Sequence[tuple[int, int]] = ()) -> str:
    """Return the page for a certificate; `activity` is (minute since 1970, requests), in order."""
    job = certificate.job
    title = f"{job.source} to {job.target}"
    body = join(
        [
            tag("h1", f"Moved: {title}"),
            tag("p", f"Job {job.id}, begun {_time(job.created_at)}", class_="soft"),
            _verdict(certificate),
            _counts(certificate),
            _losses(certificate),
            _agreement(certificate),
            *(_reasons(state, tally) for state, tally in sorted(certificate.reasons.items())),
            _activity(activity),
            _proof(certificate),
        ]
    )
    style = files("leadgateway.report").joinpath("style.css").read_text("utf-8")
    head = join(
        [
            Markup('<meta charset="utf-8">'),
            Markup('<meta name="viewport" content="width=device-width, initial-scale=1">'),
            tag("title", f"{title} - leadgateway"),
            Markup(f"<style>{style}</style>"),
        ]
    )
    return f'<!doctype html>\n<html lang="en"><head>{head}</head><body>{body}</body></html>\n'


def _verdict(certificate: Certificate) -> Markup:
    state = certificate.job.state
    if state is JobState.DONE and not certificate.complete:
        state = JobState.RUNNING
    kind, words = _VERDICTS[state]
    found = certificate.verification
    if found is not None and not found.holds:
        kind, words = "bad", "Reading the target back found differences that nobody announced."
    return tag("p", words, class_=f"verdict {kind}")


def _counts(certificate: Certificate) -> Markup:
    shown = [state for state in RowState if certificate.outcomes[state]]
    cards = [tag("li", tag("b", f"{certificate.leads:,}"), "read")]
    cards += [
        tag("li", tag("b", f"{certificate.outcomes[state]:,}"), state.value, class_=state.value)
        for state in shown
    ]
    shares = [(state.value, certificate.outcomes[state]) for state in shown]
    return join([tag("ul", *cards, class_="counts"), tag("p"), share_bar(shares)])


def _losses(certificate: Certificate) -> Markup:
    by_path: dict[str, Counter[str]] = {}
    for (path, fidelity, _), leads in certificate.losses.counts.items():
        by_path.setdefault(path, Counter())[fidelity.value] += leads
    if not by_path:
        return join([tag("h2", "What changed on the way"), tag("p", "Nothing.")])
    classes = [f.value for f in Fidelity if f is not Fidelity.EXACT]
    chart = [
        [
            tag("code", path),
            share_bar([(name, counts[name]) for name in classes], certificate.leads),
        ]
        for path, counts in sorted(by_path.items(), key=lambda row: -sum(row[1].values()))
    ]
    rows = [
        [
            tag("code", row["path"]),
            _what(row["leads"], f"{row['fidelity']}: {row['reason']}", row["samples"]),
        ]
        for row in certificate.losses.rows()
    ]
    return join(
        [
            tag("h2", "What changed on the way"),
            tag("ul", *(tag("li", name, class_=name) for name in classes), class_="key"),
            table(["field", "share of the leads"], chart),
            tag("h2", "Field by field"),
            table(["field", "what happened to how many, and for example to whom"], rows),
        ]
    )


def _agreement(certificate: Certificate) -> Markup:
    found = certificate.verification
    if found is None:
        return Markup("")
    at = f"On {_time(certificate.job.verified_at or 0)}."
    if not certificate.is_verified:
        at += " The job has gone on since, or has not ended."
    heading = join([tag("h2", "Read back from the target"), tag("p", at, class_="soft")])
    if found.expected == 0:
        return join([heading, tag("p", "Nothing: no lead of this job is there.")])
    rows = [
        [tag("code", path), found.agreeing[path], found.lost[path], found.faults.counts[path]]
        for path in found.paths
    ]
    head = ["field", "agree", "differ as announced", "differ without notice"]
    said = f"{found.found:,} of {found.expected:,} leads found again, {found.compared:,} compared."
    return join([heading, tag("p", said), table(head, rows, numbers=3) if rows else ""])


def _reasons(state: RowState, tally: Tally) -> Markup:
    rows = [[_what(leads, reason, ids)] for reason, leads, ids in tally.rows()]
    return join(
        [
            tag("h2", f"{state.value.capitalize()}: why"),
            table(["how many, why, and for example whom"], rows),
        ]
    )


def _activity(activity: Sequence[tuple[int, int]]) -> Markup:
    if not activity:
        return Markup("")
    most = max(requests for _, requests in activity)
    return join(
        [
            tag("h2", "Requests over time"),
            tag("p", f"Writes a minute, {most:,} at most.", class_="soft"),
            activity_chart(activity),
        ]
    )


def _proof(certificate: Certificate) -> Markup:
    facts: Mapping[str, str] = {
        "content digest": certificate.digest,
        "configuration": certificate.job.config_hash,
        "finished": _time(certificate.job.finished_at)
        if certificate.job.finished_at
        else "not yet",
    }
    return join(
        [
            tag("h2", "Certificate"),
            table(["", ""], [[name, tag("code", value)] for name, value in facts.items()]),
            tag("p", "Anyone who has the journal gets the same digest.", class_="soft"),
        ]
    )


def _what(leads: object, reason: str, samples: object) -> Markup:
    return join([tag("b", f"{leads:,}"), " ", reason, _ids(samples)])


def _ids(samples: object) -> Markup:
    known = samples if isinstance(samples, list | tuple) else ()
    return tag("span", *(tag("code", each) for each in known), class_="ids")


def _time(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S} UTC"
