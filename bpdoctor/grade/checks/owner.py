"""The object whose methods are checked: created once, its attributes set as inputs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bpdoctor.grade import data
from bpdoctor.grade.remote import Remote

KEY = "object"


def create(remote: Remote, values: Mapping[str, Any]) -> str:
    """Create the object of the class, if the check has one; return its key."""
    if not values.get("class"):
        return ""
    rng = data.generator("create", values["name"])
    remote.call(values["class"], [data.draw(a, rng) for a in values["create"]], keep=KEY)
    return KEY


def furnish(remote: Remote, key: str, inputs: Mapping[str, Any]) -> None:
    """Set the attributes among the inputs."""
    for name, value in inputs.items():
        if key and name.startswith("self."):
            remote.put(key, name.partition(".")[2], value)
