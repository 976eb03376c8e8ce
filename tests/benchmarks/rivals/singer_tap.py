"""A Singer tap on the Singer SDK: one RESTStream."""

import json
import sys
from pathlib import Path

from singer_sdk import RESTStream, Tap
from singer_sdk import typing as th
from singer_sdk.authenticators import BearerTokenAuthenticator
from stopwatch import moving
from vendors import PAGE


class Leads(RESTStream):
    """Novala's list."""

    name = "leads"
    path = "/leads"
    primary_keys = ("id",)
    records_jsonpath = "$.data[*]"
    next_page_token_jsonpath = "$.nextCursor"
    schema = th.PropertiesList(
        th.Property("id", th.StringType, required=True),
        th.Property("firstName", th.StringType),
        th.Property("lastName", th.StringType),
        th.Property("email", th.StringType),
        th.Property("phone", th.StringType),
        th.Property("companyName", th.StringType),
        th.Property("status", th.StringType),
        th.Property("source", th.StringType),
        th.Property("intent", th.StringType),
        th.Property("notes", th.StringType),
        th.Property("assignedTo", th.StringType),
        th.Property("customFields", th.ObjectType(additional_properties=True)),
        th.Property("createdAt", th.DateTimeType),
    ).to_dict()

    @property
    def url_base(self):
        return self.config["base_url"]

    @property
    def authenticator(self):
        return BearerTokenAuthenticator(token=self.config["token"])

    def get_url_params(self, context, next_page_token):
        params = {"limit": PAGE}
        if next_page_token:
            params["cursor"] = next_page_token
        return params


class TapNovala(Tap):
    """The tap with its one stream."""

    name = "tap-novala"
    config_jsonschema = th.PropertiesList(
        th.Property("base_url", th.StringType, required=True),
        th.Property("token", th.StringType, required=True, secret=True),
    ).to_dict()

    def discover_streams(self):
        return [Leads(self)]


if __name__ == "__main__":
    asked = json.loads(sys.argv[1])
    config = {name: asked["source"][name] for name in ("base_url", "token")}
    Path("tap.json").write_text(json.dumps(config))
    with moving({"leads": 0}):
        TapNovala.cli(["--config", "tap.json"], standalone_mode=False)
