"""The catalog that Airbyte would hand to source and destination: one stream, all of it."""

import json
from pathlib import Path

CATALOG = {
    "streams": [
        {
            "stream": {
                "name": "leads",
                "json_schema": {"type": "object", "additionalProperties": True},
                "supported_sync_modes": ["full_refresh"],
            },
            "sync_mode": "full_refresh",
            "destination_sync_mode": "append",
        }
    ]
}


def written(role: str, config: dict[str, object]) -> list[str]:
    """Write config and catalog for this role; returns the arguments that name the files."""
    files = {"config": config, "catalog": CATALOG}
    for name, content in files.items():
        Path(f"{role}-{name}.json").write_text(json.dumps(content))
    return [part for name in files for part in (f"--{name}", f"{role}-{name}.json")]
