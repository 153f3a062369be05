"""The types of audit events: what each says, and which operations write it.

Every operation stands in exactly one place: with the events that it writes, among the reads, or with the record
that keeps what it changed in place of an event. A test walks all of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

About = Literal[
    "workspace",
    "project",
    "source",
    "dataset",
    "bucket",
    "integration",
    "stream",
    "user",
    "group",
    "role",
    "job",
]


@dataclass(frozen=True, kw_only=True)
class EventType:
    """A type of event.

    Attributes
    ----------
    title
        What happened, for a column of a table.
    about
        What its object is.
    operations
        Those that write it; none = it is written by what no operation does.
    """

    title: str
    about: About
    operations: tuple[str, ...] = ()


def _of(about: About, title: str, *operations: str) -> EventType:
    return EventType(title=title, about=about, operations=operations)


EVENT_TYPES: dict[str, EventType] = {
    # the workspace
    "publish": _of("workspace", "Copy of the workspace written", "publish"),
    "sql": _of("workspace", "Query run", "sql"),
    "rotate_key": _of("workspace", "Key changed"),
    "restore": _of("workspace", "Workspace restored from a copy"),
    "cancel_job": _of("job", "Job cancelled", "cancel_job"),
    "resume_job": _of("job", "Job resumed", "resume_job"),
    "refused": _of("workspace", "Attempt refused"),
    "refused_more": _of("workspace", "Further attempts refused, counted"),
    # projects, sources, messages
    "create_project": _of("project", "Project created", "create_project", "create_source", "create_dataset"),
    "amend_project": _of("project", "Project changed", "amend_project"),
    "delete_project": _of("project", "Project deleted", "delete_project"),
    "create_source": _of("source", "Source created", "create_source"),
    "amend_source": _of("source", "Source changed", "amend_source"),
    "delete_source": _of("source", "Source deleted", "delete_source", "delete_project"),
    "put_messages": _of("source", "Messages uploaded", "put_messages", "sync_mails"),
    "put_message_file": _of("source", "File of a message uploaded", "put_message_file"),
    "download_file": _of("source", "File of a message downloaded", "message_file"),
    "import": _of("source", "Import of a file started", "start_import"),
    "delete_messages": _of("source", "Messages deleted", "delete_messages"),
    "attach_bucket": _of("source", "Source reads a bucket", "start_attach"),
    "detach_bucket": _of("source", "Source reads no bucket any more", "detach_bucket"),
    # buckets, integrations
    "create_bucket": _of("bucket", "Bucket created", "create_bucket"),
    "amend_bucket": _of("bucket", "Bucket changed", "amend_bucket"),
    "delete_bucket": _of("bucket", "Bucket deleted", "delete_bucket", "delete_source", "delete_project"),
    "put_emails": _of("bucket", "Mail uploaded", "put_emails"),
    "download_mails": _of("bucket", "Original mails downloaded", "emails"),
    "set_bucket_sync_state": _of("bucket", "Bookmark of a bucket set", "set_bucket_sync_state"),
    "import_mail": _of("bucket", "Import of mail started", "start_mail_import"),
    "delete_mails": _of("bucket", "Raw mails deleted", "delete_mails"),
    "create_integration": _of("integration", "Integration created", "create_integration"),
    "amend_integration": _of("integration", "Integration changed", "amend_integration"),
    "delete_integration": _of("integration", "Integration deleted", "delete_integration", "delete_project"),
    "resume_integration": _of("integration", "Integration resumed", "enable_integration"),
    "pause_integration": _of("integration", "Integration paused", "enable_integration"),
    "set_secrets": _of("integration", "Secrets of an integration set", "set_secrets"),
    "start_sync": _of("integration", "Synchronisation started", "start_sync"),
    "resync_mailbox": _of("integration", "Mailbox read from the beginning", "resync_mailbox"),
    # datasets and what leaves them
    "create_dataset": _of("dataset", "Dataset created", "create_dataset"),
    "amend_dataset": _of("dataset", "Dataset changed", "amend_dataset"),
    "copy_dataset": _of("dataset", "Dataset copied", "copy_dataset"),
    "delete_dataset": _of("dataset", "Dataset deleted", "delete_dataset", "delete_project"),
    "add_sources": _of("dataset", "Sources added", "add_sources"),
    "remove_sources": _of("dataset", "Sources taken out", "remove_sources"),
    "export": _of(
        "dataset",
        "Messages exported",
        "export_messages",
        "export_piece",
        "messages_table",
        "predictions_table",
    ),
    "unmask": _of("dataset", "Personal data shown", "unmasked_messages"),
    "download_mail": _of("dataset", "Original mail downloaded", "raw_mail"),
    "download_attachment": _of("dataset", "Attachment downloaded", "attachment_content"),
    # the taxonomy
    "create_label": _of("dataset", "Label created", "create_label", "set_labels"),
    "taxonomy_amend": _of("dataset", "Label changed", "amend_label"),
    "taxonomy_rename": _of("dataset", "Label renamed", "rename_label"),
    "taxonomy_move": _of("dataset", "Label moved", "move_label"),
    "taxonomy_merge": _of("dataset", "Labels merged", "merge_labels"),
    "taxonomy_split": _of("dataset", "Label split", "split_label"),
    "taxonomy_delete": _of("dataset", "Label deleted", "delete_label"),
    "taxonomy_order": _of("dataset", "Labels put in order", "order_labels"),
    "taxonomy_import": _of("dataset", "Labels imported", "import_labels"),
    "taxonomy_undo": _of("dataset", "Change of the taxonomy undone", "undo_taxonomy"),
    # people's judgements
    "judge": _of("dataset", "Messages annotated in bulk", "judge"),
    "keep_as_is": _of("dataset", "Doubt dismissed", "keep_as_is"),
    "assign_overlap": _of("dataset", "Overlap given out", "assign_overlap"),
    "answer_overlap": _of("dataset", "Overlap answered", "answer_overlap"),
    "delete_overlap": _of("dataset", "Overlap deleted", "delete_overlap"),
    # models
    "start_embed": _of("dataset", "Embedding started", "start_embed"),
    "start_discover": _of("dataset", "Discovery started", "start_discover"),
    "start_train": _of("dataset", "Training started", "start_train"),
    "start_predict": _of("dataset", "Prediction started", "start_predict"),
    "start_monitor": _of("dataset", "Monitoring started", "start_monitor"),
    "start_languages": _of("dataset", "Language detection started", "start_languages"),
    "start_translate": _of("dataset", "Translation started", "start_translate"),
    "start_verify": _of("dataset", "Rebuilding of a version started", "start_verify"),
    "start_rollback": _of("dataset", "Return to a version started", "start_rollback"),
    "pin_version": _of("dataset", "Version pinned", "pin_version", "create_stream", "amend_stream"),
    "unpin_version": _of("dataset", "Version unpinned", "pin_version"),
    "star_version": _of("dataset", "Version starred", "star_version"),
    "unstar_version": _of("dataset", "Star of a version taken away", "star_version"),
    "tag_version": _of("dataset", "Version tagged", "tag_version"),
    "describe_version": _of("dataset", "Version described", "describe_version"),
    "delete_version": _of("dataset", "Version deleted", "delete_version"),
    "keep_threshold": _of("dataset", "Threshold kept", "keep_threshold"),
    # streams
    "create_stream": _of("dataset", "Stream created", "create_stream"),
    "amend_stream": _of("dataset", "Stream changed", "amend_stream"),
    "delete_stream": _of("dataset", "Stream deleted", "delete_stream"),
    "reset_stream": _of("dataset", "Stream reset", "reset_stream"),
    "set_webhook": _of("dataset", "Webhook of a stream set", "set_webhook"),
    "pause_webhook": _of("dataset", "Webhook of a stream paused", "pause_webhook"),
    "resume_webhook": _of("dataset", "Webhook of a stream resumed", "resume_webhook"),
    "delete_webhook": _of("dataset", "Webhook of a stream deleted", "delete_webhook"),
    "test_webhook": _of("dataset", "Webhook of a stream tested", "test_webhook"),
    "tag_exceptions": _of("dataset", "Exceptions reported", "tag_exceptions"),
    "untag_exceptions": _of("dataset", "Exceptions taken back", "untag_exceptions"),
    # what is charged
    "choose_plan": _of("workspace", "Plan chosen", "choose_plan"),
    "set_entitlement": _of("workspace", "Entitlement of a plan changed", "set_entitlement"),
    "request_entitlement": _of("workspace", "Entitlement requested", "request_entitlement"),
    "answer_request": _of("workspace", "Request answered", "answer_request"),
    "end_plan": _of("workspace", "Plan ended"),
    "set_quota": _of("workspace", "Quota set", "set_quota"),
    "raise_quota": _of("workspace", "Quota raised by itself"),
    "set_charge_rule": _of("workspace", "Charge rule set", "set_charge_rule"),
    "set_unit_rate": _of("workspace", "Rate of the unit set", "set_unit_rate"),
    "correct_charge": _of("workspace", "Charge corrected", "correct_charge"),
    "set_budget": _of("workspace", "Budget set", "set_budget"),
    "remove_budget": _of("workspace", "Budget taken away", "remove_budget"),
    # what is stored for long
    "set_retention": _of("workspace", "Rule of retention set", "set_retention"),
    "remove_retention": _of("workspace", "Rule of retention taken away", "remove_retention"),
    "announce_retention": _of("source", "Retention announced", "announce_retention", "start_retention"),
    "start_retention": _of("workspace", "Retention started", "start_retention"),
    "apply_retention": _of("source", "Messages taken by retention", "start_retention"),
    # people
    "create_user": _of("user", "User created", "create_user", "sign_in_external"),
    "amend_user": _of("user", "User changed", "amend_user"),
    "enable_user": _of("user", "User enabled", "enable_user"),
    "disable_user": _of("user", "User disabled", "enable_user"),
    "delete_user": _of("user", "User deleted", "delete_user"),
    "bind_user": _of("user", "User bound to an identity provider", "sign_in_external"),
    "set_password": _of("user", "Password set", "set_password"),
    "confirm_code": _of("user", "One-time codes switched on", "confirm_code"),
    "remove_code": _of("user", "One-time codes switched off", "remove_code"),
    "renew_recovery_codes": _of("user", "Recovery codes renewed", "renew_recovery_codes"),
    "use_recovery_code": _of("user", "Recovery code used", "sign_in"),
    "sign_in": _of("user", "Signed in", "sign_in", "sign_in_external"),
    "sign_in_failed": _of(
        "user",
        "Sign-in failed",
        "sign_in",
        "sign_in_external",
        "set_password",
        "remove_code",
        "renew_recovery_codes",
    ),
    "sign_in_failed_more": _of(
        "user", "Further sign-ins of unknown users failed, counted", "sign_in", "sign_in_external"
    ),
    "sign_in_locked": _of("user", "Sign-in locked after failures", "sign_in"),
    "sign_out": _of("user", "Signed out", "sign_out"),
    "create_token": _of("user", "Token made", "create_token"),
    "revoke_token": _of("user", "Token or session ended", "revoke_token"),
    "create_group": _of("group", "Group created", "create_group"),
    "amend_group": _of("group", "Group changed", "amend_group"),
    "delete_group": _of("group", "Group deleted", "delete_group"),
    "create_role": _of("role", "Role created", "create_role"),
    "amend_role": _of("role", "Role changed", "amend_role"),
    "delete_role": _of("role", "Role deleted", "delete_role"),
    "assign_role": _of("user", "Role given", "assign_role", "create_user"),
    "remove_role_assignment": _of("user", "Role taken away", "remove_role_assignment"),
}
"""Type to what it says; as it stands in the log."""

KEPT_ELSEWHERE: dict[str, str] = {
    "advance_stream": "stream_position: how far, when and by whom",
    "begin_batch": "review_batch: who began which batch when",
    "finish_batch": "review_batch: what the batch brought",
    "begin_code": "nothing counts before confirm_code, which writes an event",
    "begin_upload": "the import that follows writes an event; an upload that nothing follows is thrown away",
    "measure_storage": "measure: what was measured when",
    "predict_messages": "ledger: each message, by whom, through which channel; nothing else is stored",
    "predict_raw_mails": "as predict_messages",
    "upload_piece": "as begin_upload",
    "finish_upload": "as begin_upload",
    "finish_mail_upload": "as begin_upload",
}
"""Operations that change something and write no event, and where the change is recorded instead."""

READS = frozenset(
    (
        "agreement",
        "audit_events",
        "audit_head",
        "audit_table",
        "bad_rows",
        "balance",
        "bucket",
        "bucket_sync_state",
        "buckets",
        "budgets",
        "charge_rules",
        "cluster_run",
        "compare_stream",
        "compare_versions",
        "consumption",
        "count_in_source",
        "count_messages",
        "dataset",
        "dataset_status",
        "datasets",
        "drift",
        "entitlement_requests",
        "exception_totals",
        "expected_errors",
        "export_labels",
        "fetch_stream",
        "filter_values",
        "find_messages",
        "get_messages",
        "groups",
        "guide",
        "health",
        "integration",
        "integrations",
        "invoice",
        "job",
        "jobs",
        "kept_thresholds",
        "label_counts",
        "label_outcomes",
        "label_suspects",
        "label_totals",
        "labels",
        "languages",
        "ledger_table",
        "mail_problems",
        "mailbox_folders",
        "map_data",
        "measures",
        "message_uids",
        "model_versions",
        "my_rights",
        "next_batch",
        "outcome_messages",
        "overlap_due",
        "overlaps",
        "plan_status",
        "plans",
        "predict_stored",
        "preview_deletion",
        "preview_mail_deletion",
        "projects",
        "query_messages",
        "quotas",
        "read_sentence",
        "retention_policies",
        "retention_preview",
        "retention_report",
        "review_events",
        "review_history",
        "role_assignments",
        "roles",
        "rollback_preview",
        "source",
        "source_messages",
        "source_page",
        "source_threads",
        "sources",
        "stream",
        "stream_errors",
        "stream_exceptions",
        "stream_position",
        "stream_predictions",
        "stream_status",
        "stream_thresholds",
        "streams",
        "taxonomy",
        "taxonomy_steps",
        "thread",
        "thread_letters",
        "threshold_for_cost",
        "threshold_with_promise",
        "tokens",
        "unit_rates",
        "usage",
        "usage_forecast",
        "users",
        "validation",
        "validation_breakdown",
        "verify_audit",
        "webhook",
        "wait_events",
        "whoami",
    )
)
"""Operations that change nothing and are not recorded. Reads that take data out of the workspace are events."""


def operations_with_events() -> frozenset[str]:
    """Operations that write an event."""
    return frozenset(name for one in EVENT_TYPES.values() for name in one.operations)
