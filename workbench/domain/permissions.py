"""The permission each operation needs, in one table."""

from __future__ import annotations

from typing import Literal, get_args

Permission = Literal["read", "review", "train", "manage", "admin"]

PERMISSIONS: dict[str, Permission] = {
    "audit_table": "admin",
    "balance": "read",
    "begin_upload": "manage",
    "cancel_job": "train",
    "cluster_run": "read",
    "count_messages": "read",
    "create_dataset": "manage",
    "create_label": "review",
    "create_project": "admin",
    "create_source": "manage",
    "dataset": "read",
    "datasets": "read",
    "drift": "read",
    "export_piece": "read",
    "find_messages": "read",
    "finish_upload": "manage",
    "get_messages": "read",
    "health": "read",
    "job": "read",
    "jobs": "read",
    "judge": "review",
    "label_totals": "read",
    "labels": "read",
    "ledger_table": "admin",
    "map_data": "read",
    "messages_table": "read",
    "model_versions": "read",
    "next_batch": "review",
    "pin_version": "train",
    "predictions_table": "read",
    "projects": "read",
    "publish": "admin",
    "put_messages": "manage",
    "resume_job": "train",
    "review_events": "read",
    "sources": "read",
    "sql": "admin",
    "start_discover": "train",
    "start_embed": "train",
    "start_import": "manage",
    "start_monitor": "train",
    "start_train": "train",
    "thread": "read",
    "upload_piece": "manage",
    "usage": "read",
    "validation": "read",
    "wait_events": "read",
    "whoami": "read",
}
"""Operation name to permission; a test equates its keys with the methods of ``Operations``."""

ALL_PERMISSIONS: frozenset[Permission] = frozenset(get_args(Permission))
