"""What one call of the program works with: its configuration, its plugins, its gateways."""

from __future__ import annotations

import os
import shlex
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from leadgateway.cli import render

if TYPE_CHECKING:
    from leadgateway.aio import AsyncGateway
    from leadgateway.gateway import Gateway
    from leadgateway.plugins import Plugins


@dataclass
class Invocation:
    """Opened lazily: a command pays for what it asks for."""

    config: Path | None = None

    def command(self, *words: str) -> str:
        """Return, as one types it, the command of these words on the configuration of this call."""
        config = ["--config", str(self.config)] if self.config else []
        return shlex.join(["leadgateway", *config, *words])

    @cached_property
    def plugins(self) -> Plugins:
        """The installed plugins; those that are broken are named on stderr."""
        from leadgateway.plugins import Plugins

        plugins = Plugins.installed(os.environ)
        for problem in plugins.problems:
            render.warn(str(problem))
        return plugins

    def gateway(self) -> Gateway:
        """Return a gateway on the configuration of this call."""
        from leadgateway.gateway import Gateway

        return Gateway(plugins=self.plugins, config_file=self.config)

    def async_gateway(self, sleep: Callable[[float], Awaitable[None]]) -> AsyncGateway:
        """Return its asynchronous twin, which waits by `sleep`."""
        from leadgateway.aio import AsyncGateway

        return AsyncGateway(plugins=self.plugins, config_file=self.config, sleep=sleep)
