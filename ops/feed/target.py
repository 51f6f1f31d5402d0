"""Where a feed goes, and whether it may go there (SAFETY R9)."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ops.failures import Missing
from ops.stack.running import given_directory, running_environment
from streams.topology import TopicNames


class NotHere(Exception):
    """Shifted times would make old trades live news for other people's money. Ends with exit code 2."""


@dataclass(frozen=True)
class Target:
    """A broker and the prefix of its topics; ``own`` is a stack that this project runs by itself on this machine."""

    kafka: str
    names: TopicNames
    own: bool
    directory: Path

    def allow_shifted_times(self) -> None:
        """NotHere, unless the broker is our own stack's or the topics stand under a prefix (SAFETY R9)."""
        if not self.own and not self.names.prefix:
            raise NotHere(
                "shifted times are for a stack of one's own or for topics under a prefix: "
                "unset POLYCOOL_KAFKA (polycool up starts a stack), or set POLYCOOL_TOPIC_PREFIX."
            )


def target(environment: Mapping[str, str] = os.environ) -> Target:
    """The broker of POLYCOOL_KAFKA, else that of the stack running here; Missing when there is neither."""
    directory = given_directory(environment)
    names = TopicNames(environment.get("POLYCOOL_TOPIC_PREFIX", ""))
    if given := environment.get("POLYCOOL_KAFKA"):
        return Target(given, names, own=False, directory=directory)
    running = running_environment(directory)
    if running is None:
        raise Missing("no stack runs here and POLYCOOL_KAFKA is not set: polycool up starts one.")
    names = TopicNames(running.get("POLYCOOL_TOPIC_PREFIX", ""))
    return Target(running["POLYCOOL_KAFKA"], names, own=True, directory=directory)
