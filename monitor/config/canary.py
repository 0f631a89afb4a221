"""Whether the canary's section agrees with itself and with the server's."""

from __future__ import annotations

from collections.abc import Iterator

from monitor.config.model import File
from monitor.config.problems import Path


def canary_findings(file: File) -> Iterator[tuple[Path, str]]:
    """What is wrong with the image host."""
    canary, listen = file.canary, file.canary.listen
    if canary.public_url and listen == file.server.listen and not listen.endswith(":0"):
        yield (
            ("canary", "listen"),
            "is server.listen: the image host has a listener of its own, which the world may reach",
        )
    for index, network in enumerate(canary.networks.upstream):
        if network in canary.networks.gateway:
            yield (
                ("canary", "networks", "upstream", index),
                "is a network of the gateway too: whose is a fetch from it?",
            )
