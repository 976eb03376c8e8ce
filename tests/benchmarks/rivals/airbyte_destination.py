"""Airbyte: a destination of the CDK that posts leads, in batches for MEGA and singly for v1."""

import json
import sys

import requests
from airbyte_catalog import written
from airbyte_cdk.destinations import Destination
from airbyte_cdk.models import AirbyteConnectionStatus, ConnectorSpecification, Status, Type
from fields import MAPPED
from stopwatch import moving
from vendors import BATCH, check_batch, headers, target_url


class Leads(Destination):
    """Collects records up to a batch and posts it; a state is passed on when all before is in."""

    def __init__(self, asked):
        self.work = asked["work"]
        self.url = target_url(asked["target"], self.work)
        self.session = requests.Session()
        self.session.headers.update(headers(asked["target"]))
        self.leads = 0

    def spec(self, *_):
        return ConnectorSpecification(connectionSpecification={"type": "object"})

    def check(self, logger, config):
        return AirbyteConnectionStatus(status=Status.SUCCEEDED)

    def write(self, config, configured_catalog, input_messages):
        rows, mapped = [], MAPPED[self.work]
        for message in input_messages:
            if message.type == Type.STATE:
                self.flush(rows)
                yield message
            elif message.type == Type.RECORD:
                rows.append(mapped(message.record.data))
                if len(rows) == (BATCH if self.work == "bulk" else 1):
                    self.flush(rows)
        self.flush(rows)

    def flush(self, rows):
        if not rows:
            return
        body = {"leads": rows} if self.work == "bulk" else rows[0]
        answer = self.session.post(self.url, json=body)
        answer.raise_for_status()
        self.leads += check_batch(answer.json()) if self.work == "bulk" else 1
        rows.clear()


if __name__ == "__main__":
    asked = json.loads(sys.argv[1])
    with moving() as told:
        destination = Leads(asked)
        destination.run(["write", *written("destination", {})])
        told["leads"] = destination.leads
