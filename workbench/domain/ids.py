"""Identifiers: strings that the type checker keeps apart.

Ids of things the workbench makes are 16 hex digits. A message's id comes from its source system; its
``uid`` is ``<source id>.<message id>`` and is unique in the workspace.
"""

from __future__ import annotations

import re
from typing import NewType

from workbench.errors import InputError

ProjectName = NewType("ProjectName", str)
SourceId = NewType("SourceId", str)
MessageId = NewType("MessageId", str)
Uid = NewType("Uid", str)
DatasetId = NewType("DatasetId", str)
LabelId = NewType("LabelId", str)
JobId = NewType("JobId", str)
UploadId = NewType("UploadId", str)
BucketId = NewType("BucketId", str)
RunId = NewType("RunId", str)
IntegrationId = NewType("IntegrationId", str)
OverlapId = NewType("OverlapId", str)
StreamId = NewType("StreamId", str)
UserId = NewType("UserId", str)
AssignmentId = NewType("AssignmentId", str)
TokenId = NewType("TokenId", str)

_NAME = re.compile(r"[A-Za-z0-9_-]{1,256}")
_MESSAGE_ID = re.compile(r"[\w\x21-\x2e\x3a-\x40\x5b-\x60\x7b-\x7e]{1,1024}", re.ASCII)


def make_uid(source_id: SourceId, message_id: MessageId) -> Uid:
    """``<source id>.<message id>``."""
    return Uid(f"{source_id}.{message_id}")


def check_name(kind: str, name: str) -> str:
    """Return ``name`` when it may name a project, source, dataset or stream.

    Raises
    ------
    InputError
        The name has other characters than letters, digits, ``_`` and ``-``, or is empty or too long.
    """
    if not _NAME.fullmatch(name):
        raise InputError(
            f"{kind} name {name[:80]!r} cannot be used.",
            next_step="Use 1 to 256 letters, digits, '_' or '-'.",
            details={"kind": kind, "name": name[:300]},
        )
    return name


def is_message_id(text: str) -> bool:
    """Whether ``text`` may be a message id: 1-1,024 printable ASCII characters, no space, no ``/``."""
    return _MESSAGE_ID.fullmatch(text) is not None
