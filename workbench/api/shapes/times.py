"""Times as they are written in requests and answers."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from msgspec import Meta

TAKEN = (
    r"^(19[7-9]|20\d|21\d)\d-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d"
    r"(\.\d{1,6})?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)?$"
)
"""Describes the times that are certainly taken, for those who hand one in; the others are looked at one by one."""

Moment = Annotated[datetime, Meta(extra_json_schema={"pattern": TAKEN})]
"""RFC 3339; without an offset = UTC."""
