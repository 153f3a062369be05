"""Which entitlement an operation needs, in one table. What is not in it needs none.

Left out on purpose: what deletes (nobody's right to be forgotten depends on a plan), what backs up (``publish``), and
what tells only numbers and names of the workspace.
"""

from __future__ import annotations

from workbench.domain.plans import EntitlementName

_COMMUNICATIONS_DATA = (
    # ---- writes messages
    "begin_upload",
    "upload_piece",
    "finish_upload",
    "finish_mail_upload",
    "put_emails",
    "set_bucket_sync_state",
    "put_message_file",
    "put_messages",
    "sync_mails",
    "start_import",
    "start_mail_import",
    "start_attach",
    "start_sync",
    "resync_mailbox",
    "resume_job",
    "bad_rows",
    "mail_problems",
    # ---- reads messages
    "attachment_content",
    "cluster_run",
    "count_in_source",
    "count_messages",
    "drift",
    "emails",
    "expected_errors",
    "export_piece",
    "filter_values",
    "find_messages",
    "get_messages",
    "guide",
    "label_outcomes",
    "label_suspects",
    "label_totals",
    "map_data",
    "message_file",
    "message_uids",
    "messages_table",
    "outcome_messages",
    "predict_messages",
    "predict_raw_mails",
    "predictions_table",
    "raw_mail",
    "read_sentence",
    "review_events",
    "review_history",
    "source_messages",
    "source_page",
    "source_threads",
    "sql",
    "stream_exceptions",
    "stream_predictions",
    "thread",
    "thread_letters",
    "threshold_for_cost",
    "threshold_with_promise",
    "unmasked_messages",
    "validation_breakdown",
    # ---- judges messages
    "answer_overlap",
    "assign_overlap",
    "begin_batch",
    "finish_batch",
    "judge",
    "keep_as_is",
    "next_batch",
    "overlap_due",
    "split_label",
    "tag_exceptions",
    "untag_exceptions",
    # ---- works on messages
    "start_discover",
    "start_embed",
    "start_languages",
    "start_monitor",
    "start_predict",
    "start_rollback",
    "start_train",
    "start_translate",
    "start_verify",
)

ENTITLED: dict[str, EntitlementName] = dict.fromkeys(_COMMUNICATIONS_DATA, "communications_data")
"""Operation to the entitlement that it needs."""
