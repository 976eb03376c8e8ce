"""dlt: its rest_api source into a destination function, with its own defaults."""

import json
import sys
from collections.abc import Mapping
from typing import Any

import dlt
import requests
from dlt.sources.rest_api import rest_api_source
from fields import MAPPED
from stopwatch import moving
from vendors import BATCH, PAGE, check_batch, headers, target_url


def novala(settings: Mapping[str, Any]) -> Any:
    return rest_api_source(
        {
            "client": {
                "base_url": settings["base_url"],
                "auth": {"type": "bearer", "token": settings["token"]},
                "paginator": {
                    "type": "cursor",
                    "cursor_path": "nextCursor",
                    "cursor_param": "cursor",
                },
            },
            "resources": [
                {
                    "name": "leads",
                    "endpoint": {
                        "path": "leads",
                        "params": {"limit": PAGE},
                        "data_selector": "data",
                    },
                }
            ],
        }
    )


def target(asked: Mapping[str, Any], told: dict[str, Any]) -> Any:
    work = asked["work"]
    mapped, url = MAPPED[work], target_url(asked["target"], work)
    session = requests.Session()
    session.headers.update(headers(asked["target"]))

    def post(body: dict[str, Any]) -> Any:
        answer = session.post(url, json=body)
        answer.raise_for_status()
        return answer.json()

    @dlt.destination(
        batch_size=BATCH if work == "bulk" else 1,
        naming_convention="direct",
        skip_dlt_columns_and_tables=True,
    )
    def leads(items: list[dict[str, Any]], table: Any) -> None:
        rows = [mapped(item) for item in items]
        if work == "bulk":
            told["leads"] += check_batch(post({"leads": rows}))
            return
        for row in rows:
            post(row)
            told["leads"] += 1

    return leads()


if __name__ == "__main__":
    asked = json.loads(sys.argv[1])
    with moving({"leads": 0}) as told:
        pipeline = dlt.pipeline("benchmark", destination=target(asked, told), pipelines_dir=".")
        pipeline.run(novala(asked["source"]))
