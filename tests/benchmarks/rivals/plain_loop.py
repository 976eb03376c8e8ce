"""The loop that one writes first: read a page, map it, post it, read on."""

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from fields import MAPPED
from stopwatch import moving
from vendors import BATCH, PAGE, check_batch, headers, source_url, target_url

Open = Callable[[dict[str, str]], Any]
"""Opens a client or a session, which have `get`, `post` and `with` in common."""


def read(client: Any, url: str) -> Iterator[list[dict[str, Any]]]:
    params: dict[str, Any] = {"limit": PAGE}
    while True:
        answer = client.get(url, params=params)
        answer.raise_for_status()
        page = answer.json()
        yield page["data"]
        if not page["hasMore"]:
            return
        params["cursor"] = page["nextCursor"]


def move(asked: Mapping[str, Any], open_client: Open) -> int:
    work, sent, rows = asked["work"], 0, []
    mapped, url = MAPPED[work], target_url(asked["target"], work)
    with (
        open_client(headers(asked["source"])) as source,
        open_client(headers(asked["target"])) as target,
    ):

        def post(body: dict[str, Any]) -> int:
            answer = target.post(url, json=body)
            answer.raise_for_status()
            return check_batch(answer.json()) if work == "bulk" else 1

        for page in read(source, source_url(asked["source"])):
            if work == "single":
                sent += sum(post(mapped(lead)) for lead in page)
                continue
            rows += map(mapped, page)
            if len(rows) >= BATCH:
                sent += post({"leads": rows})
                rows = []
        return sent + (post({"leads": rows}) if rows else 0)


def run(open_client: Open) -> None:
    asked = json.loads(sys.argv[1])
    with moving() as told:
        told["leads"] = move(asked, open_client)
