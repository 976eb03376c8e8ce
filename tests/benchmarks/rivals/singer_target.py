"""A Singer target on the Singer SDK: a BatchSink for MEGA, a RecordSink for v1."""

import json
import sys
from pathlib import Path

import requests
from fields import MAPPED
from singer_sdk import typing as th
from singer_sdk.sinks import BatchSink, RecordSink
from singer_sdk.target_base import Target
from stopwatch import moving
from vendors import BATCH, check_batch, headers, target_url


class Delivery:
    """What both sinks share: the session, the address, and how much arrived."""

    def __init__(self, asked):
        self.url = target_url(asked["target"], asked["work"])
        self.session = requests.Session()
        self.session.headers.update(headers(asked["target"]))
        self.leads = 0

    def post(self, body):
        answer = self.session.post(self.url, json=body)
        answer.raise_for_status()
        return answer.json()


class MegaSink(BatchSink):
    """500 leads a request."""

    max_size = BATCH

    def process_batch(self, context):
        rows = [MAPPED["bulk"](record) for record in context["records"]]
        DELIVERY.leads += check_batch(DELIVERY.post({"leads": rows}))


class V1Sink(RecordSink):
    """One lead a request."""

    def process_record(self, record, context):
        DELIVERY.post(MAPPED["single"](record))
        DELIVERY.leads += 1


class TargetLeads(Target):
    """The target with the sink that the work asks for."""

    name = "target-leads"
    config_jsonschema = th.PropertiesList(th.Property("work", th.StringType)).to_dict()

    @property
    def default_sink_class(self):
        return MegaSink if self.config["work"] == "bulk" else V1Sink


if __name__ == "__main__":
    asked = json.loads(sys.argv[1])
    DELIVERY = Delivery(asked)
    Path("target.json").write_text(json.dumps({"work": asked["work"]}))
    with moving() as told:
        TargetLeads.cli(["--config", "target.json"], standalone_mode=False)
        told["leads"] = DELIVERY.leads
