"""The rule of each operation: which permission it needs, and in which project, in one table.

Notebooks, panels, the command line and HTTP all go through it: it is looked at where the operation is carried out,
never where it is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from workbench.domain.jobs import JobKind
from workbench.domain.rights import Permission

Place = Literal[
    "anybody", "tenant", "project", "source", "bucket", "integration", "dataset", "job", "upload", "listed"
]
"""Where the permissions must be held. ``anybody``: nowhere, being recognised is enough. ``tenant``: everywhere.
``project``: in the project that the call names. ``source``, ``bucket``, ``integration``, ``dataset``, ``job``: in the
project of what it names; of one it may leave out, in some project. ``upload``: one of them in some project. ``listed``:
the answer holds what lies in projects where they are held, and nothing else."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What an operation needs.

    Attributes
    ----------
    needs
        Every one of these (of an ``upload``, one).
    place
        Where they must be held.
    sources
        Also needed in the project of each source concerned: of the dataset, and named in the call.
    target
        Also needed in the project that the call names, beside the place.
    """

    needs: tuple[Permission, ...] = ()
    place: Place = "dataset"
    sources: tuple[Permission, ...] = ()
    target: tuple[Permission, ...] = ()


def _dataset(*needs: Permission) -> Rule:
    """Of a dataset; shows no message."""
    return Rule(needs=needs)


def _messages(*needs: Permission) -> Rule:
    """Of a dataset and the messages in it: whoever sees them may read the dataset and each of its sources."""
    return Rule(needs=("dataset.read", *needs), sources=("source.read",))


def _in(place: Place, *needs: Permission, sources: tuple[Permission, ...] = ()) -> Rule:
    return Rule(needs=needs, place=place, sources=sources)


_ANYBODY = Rule(place="anybody")

PERMISSIONS: dict[str, Rule] = {
    "add_sources": _messages("dataset.manage"),
    "advance_stream": _dataset("stream.consume"),
    "agreement": _dataset("dataset.read"),
    "amend_bucket": _in("bucket", "bucket.write"),
    "amend_dataset": _dataset("dataset.manage"),
    "amend_group": _in("tenant", "tenant.manage"),
    "amend_integration": _in("integration", "integration.write"),
    "amend_label": _dataset("dataset.write"),
    "amend_project": _in("tenant", "tenant.manage"),
    "amend_role": _in("tenant", "tenant.manage"),
    "amend_source": _in("source", "source.manage"),
    "amend_stream": _dataset("stream.manage"),
    "amend_user": _in("tenant", "tenant.manage"),
    "announce_retention": _in("tenant", "tenant.manage"),
    "answer_overlap": _messages("dataset.review"),
    "answer_request": _in("tenant", "tenant.manage"),
    "assign_overlap": _messages("dataset.write"),
    "assign_role": _in("tenant", "tenant.manage"),
    "attachment_content": _messages(),
    "audit_events": _in("tenant", "audit.read"),
    "audit_head": _in("tenant", "audit.read"),
    "audit_table": _in("tenant", "audit.read"),
    "bad_rows": _in("job", "message.manage"),
    "balance": _dataset("dataset.read"),
    "begin_batch": _messages("dataset.review"),
    "begin_code": _ANYBODY,
    "begin_upload": _in("upload", "message.manage", "bucket.append"),
    "bucket": _in("bucket", "bucket.read"),
    "bucket_sync_state": _in("bucket", "bucket.read"),
    "buckets": _in("listed", "bucket.read"),
    "budgets": _in("listed", "usage.read"),
    "cancel_job": _in("job"),
    "charge_rules": _ANYBODY,
    "choose_plan": _in("tenant", "tenant.manage"),
    "cluster_run": _messages(),
    "compare_stream": _messages("stream.read"),
    "compare_versions": _dataset("dataset.read"),
    "confirm_code": _ANYBODY,
    "consumption": _in("listed", "usage.read"),
    "copy_dataset": Rule(needs=("dataset.read",), sources=("source.read",), target=("dataset.manage",)),
    "correct_charge": _in("tenant", "tenant.manage"),
    "count_in_source": _in("source", "source.read"),
    "count_messages": _messages(),
    "create_bucket": _in("project", "bucket.write"),
    "create_dataset": _in("project", "dataset.manage", sources=("source.read",)),
    "create_group": _in("tenant", "tenant.manage"),
    "create_integration": _in("project", "integration.write"),
    "create_label": _dataset("dataset.review"),
    "create_project": _in("tenant", "tenant.manage"),
    "create_role": _in("tenant", "tenant.manage"),
    "create_source": _in("project", "source.manage"),
    "create_stream": _dataset("stream.manage"),
    "create_token": _ANYBODY,
    "create_user": _in("tenant", "tenant.manage"),
    "dataset": _dataset("dataset.read"),
    "dataset_status": _dataset("dataset.read"),
    "datasets": _in("listed", "dataset.read"),
    "delete_bucket": _in("bucket", "bucket.write"),
    "delete_dataset": _dataset("dataset.manage"),
    "delete_group": _in("tenant", "tenant.manage"),
    "delete_integration": _in("integration", "integration.write"),
    "delete_label": _dataset("dataset.write"),
    "delete_mails": _in("bucket", "bucket.write", "message.manage"),
    "delete_messages": _in("source", "message.manage"),
    "delete_overlap": _dataset("dataset.write"),
    "delete_project": _in("tenant", "tenant.manage"),
    "delete_role": _in("tenant", "tenant.manage"),
    "delete_source": _in("source", "source.manage"),
    "delete_stream": _dataset("stream.manage"),
    "delete_user": _in("tenant", "tenant.manage"),
    "delete_version": _dataset("model.manage"),
    "delete_webhook": _dataset("stream.manage"),
    "describe_version": _dataset("model.manage"),
    "detach_bucket": _in("source", "source.manage"),
    "drift": _messages(),
    "emails": _in("bucket", "bucket.read", "source.read"),
    "enable_integration": _in("integration", "integration.write"),
    "enable_user": _in("tenant", "tenant.manage"),
    "entitlement_requests": _in("tenant", "tenant.manage"),
    "exception_totals": _dataset("dataset.read"),
    "expected_errors": _messages(),
    "export_labels": _dataset("dataset.read"),
    "export_messages": _messages("dataset.export"),
    "export_piece": _messages("dataset.export"),
    "fetch_stream": _messages("stream.consume"),
    "filter_values": _messages(),
    "find_messages": _messages(),
    "finish_batch": _messages("dataset.review"),
    "finish_mail_upload": _in("upload", "bucket.append"),
    "finish_upload": _in("upload", "message.manage"),
    "get_messages": _messages(),
    "groups": _ANYBODY,
    "guide": _dataset("dataset.read"),
    "health": _ANYBODY,
    "import_labels": _dataset("dataset.write"),
    "integration": _in("integration", "integration.read"),
    "integrations": _in("listed", "integration.read"),
    "invoice": _in("listed", "usage.read"),
    "job": _in("job"),
    "jobs": _in("listed"),
    "judge": _messages("dataset.review"),
    "keep_as_is": _messages("dataset.review"),
    "keep_threshold": _dataset("dataset.write"),
    "kept_thresholds": _dataset("dataset.read"),
    "label_counts": _messages(),
    "label_outcomes": _messages(),
    "label_suspects": _messages(),
    "label_totals": _dataset("dataset.read"),
    "labels": _dataset("dataset.read"),
    "languages": _dataset("dataset.read"),
    "ledger_table": _in("tenant", "usage.read"),
    "mail_problems": _in("job", "bucket.append"),
    "mailbox_folders": _in("integration", "integration.write"),
    "map_data": _messages(),
    "measure_storage": _in("tenant", "tenant.manage"),
    "measures": _in("listed", "usage.read"),
    "merge_labels": _dataset("dataset.write"),
    "message_file": _in("source", "source.read"),
    "message_uids": _messages(),
    "messages_table": _messages("dataset.export"),
    "model_versions": _dataset("dataset.read"),
    "move_label": _dataset("dataset.write"),
    "my_rights": _ANYBODY,
    "next_batch": _messages("dataset.review"),
    "order_labels": _dataset("dataset.write"),
    "outcome_messages": _messages(),
    "overlap_due": _messages("dataset.review"),
    "overlaps": _dataset("dataset.read"),
    "pause_webhook": _dataset("stream.manage"),
    "pin_version": _dataset("model.manage"),
    "plan_status": _ANYBODY,
    "plans": _ANYBODY,
    "predict_messages": _dataset("dataset.read", "project.execute"),
    "predict_raw_mails": _dataset("dataset.read", "project.execute"),
    "predict_stored": _messages(),
    "predictions_table": _messages("dataset.export"),
    "preview_deletion": _in("source", "message.manage"),
    "preview_mail_deletion": _in("bucket", "bucket.write"),
    "projects": _in("listed"),
    "publish": _in("tenant", "tenant.manage", "dataset.export"),
    "put_emails": _in("bucket", "bucket.append"),
    "put_message_file": _in("source", "message.manage"),
    "put_messages": _in("source", "message.manage"),
    "query_messages": _messages(),
    "quotas": _ANYBODY,
    "raw_mail": _messages(),
    "read_sentence": _messages(),
    "remove_code": _ANYBODY,
    "remove_retention": _in("tenant", "tenant.manage"),
    "remove_role_assignment": _in("tenant", "tenant.manage"),
    "remove_budget": _in("tenant", "tenant.manage"),
    "remove_sources": _dataset("dataset.manage"),
    "rename_label": _dataset("dataset.write"),
    "renew_recovery_codes": _ANYBODY,
    "request_entitlement": _ANYBODY,
    "reset_stream": _dataset("stream.consume"),
    "resume_job": _in("job"),
    "resume_webhook": _dataset("stream.manage"),
    "resync_mailbox": _in("integration", "integration.write"),
    "retention_policies": _in("tenant", "tenant.manage"),
    "retention_preview": _in("tenant", "tenant.manage"),
    "retention_report": _in("tenant", "tenant.manage"),
    "review_events": _dataset("dataset.read"),
    "review_history": _messages(),
    "revoke_token": _ANYBODY,
    "role_assignments": _ANYBODY,
    "roles": _ANYBODY,
    "rollback_preview": _dataset("dataset.read"),
    "set_entitlement": _in("tenant", "tenant.manage"),
    "set_labels": _messages("dataset.review"),
    "set_password": _ANYBODY,
    "set_quota": _in("tenant", "tenant.manage"),
    "set_retention": _in("tenant", "tenant.manage"),
    "set_secrets": _in("integration", "integration.write"),
    "set_webhook": _messages("stream.manage", "stream.consume"),
    "sign_in": _ANYBODY,
    "sign_in_external": _ANYBODY,
    "sign_out": _ANYBODY,
    "set_bucket_sync_state": _in("bucket", "bucket.append"),
    "set_budget": _in("tenant", "tenant.manage"),
    "set_charge_rule": _in("tenant", "tenant.manage"),
    "set_unit_rate": _in("tenant", "tenant.manage"),
    "source": _in("source", "source.read"),
    "source_messages": _in("source", "source.read"),
    "source_page": _in("source", "source.read"),
    "source_threads": _in("source", "source.read"),
    "sources": _in("listed", "source.read"),
    "split_label": _messages("dataset.write"),
    "sql": _in("tenant", "dataset.export", "source.read"),
    "star_version": _dataset("model.manage"),
    "start_attach": _in("source", "source.manage"),
    "start_discover": _dataset("dataset.write"),
    "start_embed": _dataset("dataset.write"),
    "start_import": _in("source", "message.manage"),
    "start_languages": _dataset("dataset.write"),
    "start_mail_import": _in("bucket", "bucket.append"),
    "start_monitor": _dataset("dataset.write"),
    "start_predict": _dataset("dataset.write"),
    "start_retention": _in("tenant", "tenant.manage"),
    "start_rollback": _dataset("model.manage"),
    "start_sync": _in("integration", "integration.write"),
    "start_train": _dataset("dataset.write"),
    "start_translate": _dataset("dataset.write"),
    "start_verify": _dataset("model.manage"),
    "stream": _dataset("stream.read"),
    "stream_errors": _messages("stream.read"),
    "stream_exceptions": _dataset("stream.read"),
    "stream_position": _dataset("stream.read"),
    "stream_predictions": _messages("stream.consume"),
    "stream_status": _dataset("stream.read"),
    "stream_thresholds": _dataset("stream.read"),
    "streams": _dataset("stream.read"),
    "sync_mails": _in("source", "message.manage"),
    "tag_exceptions": _dataset("stream.consume"),
    "tag_version": _dataset("model.manage"),
    "taxonomy": _dataset("dataset.read"),
    "taxonomy_steps": _dataset("dataset.read"),
    "test_webhook": _dataset("stream.manage"),
    "thread": _messages(),
    "thread_letters": _messages(),
    "threshold_for_cost": _messages(),
    "threshold_with_promise": _messages(),
    "tokens": _ANYBODY,
    "unmasked_messages": Rule(needs=("dataset.read",), sources=("source.read", "source.unmask")),
    "undo_taxonomy": _dataset("dataset.write"),
    "untag_exceptions": _dataset("stream.consume"),
    "unit_rates": _ANYBODY,
    "upload_piece": _in("upload", "message.manage", "bucket.append"),
    "usage": _in("listed", "usage.read"),
    "users": _ANYBODY,
    "usage_forecast": _in("listed", "usage.read"),
    "validation": _dataset("dataset.read"),
    "validation_breakdown": _messages(),
    "verify_audit": _in("tenant", "audit.read"),
    "wait_events": _in("listed"),
    "webhook": _dataset("stream.read"),
    "whoami": _ANYBODY,
}
"""Operation name to rule; a test equates its keys with the methods of ``Operations``."""

JOB_READERS: dict[JobKind, Permission] = {
    "import": "source.read",
    "import_mail": "bucket.read",
    "fill": "source.read",
    "mask": "source.read",
    "embed": "dataset.read",
    "discover": "dataset.read",
    "train": "dataset.read",
    "predict": "dataset.read",
    "rollback": "dataset.read",
    "verify": "dataset.read",
    "monitor": "dataset.read",
    "languages": "dataset.read",
    "translate": "dataset.read",
    "publish": "tenant.manage",
    "sync": "integration.read",
    "retention": "tenant.manage",
}
"""Who sees a job that somebody else started, by its kind; one's own are always seen."""

JOB_CHANGERS: dict[JobKind, Permission] = {
    "import": "message.manage",
    "import_mail": "bucket.append",
    "fill": "source.manage",
    "mask": "source.manage",
    "embed": "dataset.write",
    "discover": "dataset.write",
    "train": "dataset.write",
    "predict": "dataset.write",
    "rollback": "model.manage",
    "verify": "model.manage",
    "monitor": "dataset.write",
    "languages": "dataset.write",
    "translate": "dataset.write",
    "publish": "tenant.manage",
    "sync": "integration.write",
    "retention": "tenant.manage",
}
"""Who cancels and resumes a job, by its kind: who may start such a one."""
