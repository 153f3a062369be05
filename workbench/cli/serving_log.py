"""The log of the HTTP door: a line of JSON per request, in ``serve/http.log`` of the workspace's folder."""

from __future__ import annotations

import json
import logging
import os
import traceback
from datetime import UTC, datetime
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

LOGGER = "workbench.api"
_MOST_BYTES = 10 << 20
_KEPT = 3


class JsonLines(logging.Formatter):
    """One JSON object per line. Of an error only its kind and where it was raised: its words may quote a message."""

    def format(self, record: logging.LogRecord) -> str:
        """A record as a line."""
        told: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            **getattr(record, "seen", {}),
        }
        if record.exc_info and record.exc_info[0] is not None:
            told["error"] = record.exc_info[0].__name__
            frames = traceback.extract_tb(record.exc_info[2])
            told["trace"] = [f"{Path(one.filename).name}:{one.lineno} {one.name}" for one in frames]
        return json.dumps(told, ensure_ascii=False)


class _PrivateFile(RotatingFileHandler):
    """Files that this user alone may read."""

    def _open(self) -> TextIOWrapper:
        handle = os.open(self.baseFilename, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        return os.fdopen(handle, "a", encoding=self.encoding)


def keep_log(folder: Path) -> logging.Handler:
    """Write what the HTTP door tells into ``http.log`` of a folder, readable by this user only; old lines go."""
    path = folder / "http.log"
    handler = _PrivateFile(path, maxBytes=_MOST_BYTES, backupCount=_KEPT, encoding="utf-8")
    handler.setFormatter(JsonLines())
    logger = logging.getLogger(LOGGER)
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    return handler
