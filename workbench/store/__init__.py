"""The workspace file: the only room that loads DuckDB.

``Store.open`` takes the lock, opens (with a key, when it is encrypted) and migrates the file; ``store.read()`` and ``store.write()`` hand out
sessions whose attributes are the repositories. Names load on first use, so that importing the room is free.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workbench.store.audit_head import kept_head
    from workbench.store.checking import FileCheck, check_key, read_through
    from workbench.store.encryption import Key, new_key_file, read_key
    from workbench.store.key_sources import find_key, is_source, named_key, new_keyring_key
    from workbench.store.memory import memory_folder, used_bytes
    from workbench.store.repositories.attachments import ATTACHMENT_ROWS
    from workbench.store.repositories.catalog import SensitiveSource
    from workbench.store.repositories.integrations import Standing
    from workbench.store.repositories.kept import DatasetPlace
    from workbench.store.repositories.lineages import TrainingSet
    from workbench.store.repositories.mails import KeptMail
    from workbench.store.repositories.messages import PutOutcome
    from workbench.store.repositories.overlaps import Answered
    from workbench.store.repositories.places import Placed, find_place
    from workbench.store.repositories.preparing import PreparedBatch, prepare
    from workbench.store.repositories.retention import TimerRow
    from workbench.store.repositories.source_messages import Range
    from workbench.store.repositories.stream_deliveries import Way
    from workbench.store.repositories.stream_queues import QueuePlace
    from workbench.store.repositories.tokens import Presented
    from workbench.store.repositories.users import Attempts
    from workbench.store.repositories.webhooks import DueHook, HookRow
    from workbench.store.rotation import rotate
    from workbench.store.session import Session
    from workbench.store.snapshot import restore
    from workbench.store.store import Store

__all__ = [
    "ATTACHMENT_ROWS",
    "Answered",
    "Attempts",
    "DatasetPlace",
    "DueHook",
    "FileCheck",
    "HookRow",
    "KeptMail",
    "Key",
    "Placed",
    "PreparedBatch",
    "Presented",
    "PutOutcome",
    "QueuePlace",
    "Range",
    "SensitiveSource",
    "Session",
    "Standing",
    "Store",
    "TimerRow",
    "TrainingSet",
    "Way",
    "check_key",
    "find_key",
    "find_place",
    "is_source",
    "kept_head",
    "memory_folder",
    "named_key",
    "new_key_file",
    "new_keyring_key",
    "prepare",
    "read_key",
    "read_through",
    "restore",
    "rotate",
    "used_bytes",
]

_HOMES = {
    "ATTACHMENT_ROWS": "workbench.store.repositories.attachments",
    "Answered": "workbench.store.repositories.overlaps",
    "Attempts": "workbench.store.repositories.users",
    "DatasetPlace": "workbench.store.repositories.kept",
    "DueHook": "workbench.store.repositories.webhooks",
    "HookRow": "workbench.store.repositories.webhooks",
    "KeptMail": "workbench.store.repositories.mails",
    "Key": "workbench.store.encryption",
    "Placed": "workbench.store.repositories.places",
    "PreparedBatch": "workbench.store.repositories.preparing",
    "Presented": "workbench.store.repositories.tokens",
    "PutOutcome": "workbench.store.repositories.messages",
    "Range": "workbench.store.repositories.source_messages",
    "QueuePlace": "workbench.store.repositories.stream_queues",
    "SensitiveSource": "workbench.store.repositories.catalog",
    "Session": "workbench.store.session",
    "Standing": "workbench.store.repositories.integrations",
    "Store": "workbench.store.store",
    "TimerRow": "workbench.store.repositories.retention",
    "TrainingSet": "workbench.store.repositories.lineages",
    "Way": "workbench.store.repositories.stream_deliveries",
    "FileCheck": "workbench.store.checking",
    "check_key": "workbench.store.checking",
    "read_through": "workbench.store.checking",
    "find_key": "workbench.store.key_sources",
    "find_place": "workbench.store.repositories.places",
    "is_source": "workbench.store.key_sources",
    "kept_head": "workbench.store.audit_head",
    "memory_folder": "workbench.store.memory",
    "named_key": "workbench.store.key_sources",
    "new_key_file": "workbench.store.encryption",
    "new_keyring_key": "workbench.store.key_sources",
    "prepare": "workbench.store.repositories.preparing",
    "read_key": "workbench.store.encryption",
    "restore": "workbench.store.snapshot",
    "rotate": "workbench.store.rotation",
    "used_bytes": "workbench.store.memory",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415 - only when a name is asked for

    return getattr(import_module(_HOMES[name]), name)
