"""What a connection to a file needs: its path, and how a table of text is to be read."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, SecretStr, model_validator

from leadgateway.errors import ConfigError
from leadgateway.files.columns import target_of
from leadgateway.files.encoding import check_encoding
from leadgateway.settings import Settings, Token


class FileSettings(Settings):
    """A file in place of a vendor: `file` is its path; a token and an address have no use here."""

    token: Token = Field(default=SecretStr("none"), repr=False)
    base_url: str = "file:"
    file: Path

    @model_validator(mode="after")
    def _check_where_it_leads(self) -> Self:
        return self


def _columns(value: Any) -> Any:
    if not isinstance(value, Mapping):
        raise ConfigError("columns: a table is wanted, of column to field.")
    for path in value.values():
        if path != "":
            target_of(path)
    return value


def _delimiter(value: Any) -> Any:
    if value is None or (isinstance(value, str) and len(value) == 1 and value not in '"\r\n'):
        return value
    raise ConfigError('delimiter: one character is wanted, such as ";", and not the quote.')


class CsvSettings(FileSettings):
    """How a table of text is read.

    `columns` maps a column to a field of the lead, to `"custom.SLUG"`, `"attribution.KEY"` or
    `"id"`; `""` leaves it in `raw` only. Columns that are not named go by their header. A byte
    order mark wins over `encoding`. Without a `delimiter` the one that splits the header most
    counts; without a `tags_separator`, tags are split at semicolons, else at commas.
    `decimal_mark` settles what 1.999 means; without it such a number is reported, not guessed.
    """

    columns: Annotated[Mapping[str, str], BeforeValidator(_columns)] = Field(default_factory=dict)
    encoding: Annotated[str, BeforeValidator(check_encoding)] = "utf-8"
    delimiter: Annotated[str | None, BeforeValidator(_delimiter)] = None
    tags_separator: str | None = Field(default=None, min_length=1)
    decimal_mark: Literal[".", ","] | None = None
