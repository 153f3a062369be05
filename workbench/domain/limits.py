"""Every limit on messages, sources and datasets, in one table: number, meaning, words of its refusal.

A limit that names a ``setting`` is that setting's default; 0 means that there is no limit.
"""

from __future__ import annotations

from workbench.domain.limit import Limit
from workbench.domain.quota_limits import QUOTA_LIMITS

_SHORTEN = "Shorten it, or move what is long into an attachment."

_TABLE = (
    # ---- messages
    Limit(
        name="message_id_characters",
        most=1_024,
        least=1,
        field="id",
        refusal="{where} has an id of {found} characters; 1 to {most} are allowed.",
        next_step="Use the id of the source system, or a hash of it.",
    ),
    Limit(
        name="parts_per_message",
        most=2_048,
        least=1,
        field="messages",
        refusal="{where} has {found} parts; 1 to {most} are allowed.",
        next_step="Split the conversation into several messages of one thread.",
    ),
    Limit(
        name="text_characters",
        most=65_536,
        field="messages[].body, subject, signature",
        refusal="{where} has a text of {found} characters; a body, subject or signature has at most {most}.",
        next_step=_SHORTEN,
    ),
    Limit(
        name="full_text_characters",
        most=33_554_432,
        field="the text as it came",
        refusal="{where} came with {found} characters; at most {most} are kept.",
        next_step=_SHORTEN,
    ),
    Limit(
        name="sender_characters",
        most=512,
        least=1,
        field="messages[].from",
        refusal="{where} has a sender of {found} characters; {least} to {most} are allowed.",
        next_step="Leave an unknown sender out; give the address without the text around it.",
    ),
    Limit(
        name="recipients",
        most=2_048,
        field="messages[].to",
        refusal="{where} has {found} recipients; at most {most} are allowed.",
        next_step="Keep the first ones, or the name of the distribution list.",
    ),
    Limit(
        name="recipient_characters",
        most=512,
        least=1,
        field="messages[].to[]",
        refusal="{where} has a recipient of {found} characters; {least} to {most} are allowed.",
        next_step="Leave empty ones out; give addresses without the text around them.",
    ),
    Limit(
        name="cc",
        most=2_048,
        field="messages[].cc",
        refusal="{where} has {found} recipients in cc; at most {most} are allowed.",
        next_step="Keep the first ones, or the name of the distribution list.",
    ),
    Limit(
        name="cc_characters",
        most=512,
        least=1,
        field="messages[].cc[]",
        refusal="{where} has a cc recipient of {found} characters; {least} to {most} are allowed.",
        next_step="Leave empty ones out; give addresses without the text around them.",
    ),
    Limit(
        name="bcc",
        most=2_048,
        field="messages[].bcc",
        refusal="{where} has {found} recipients in bcc; at most {most} are allowed.",
        next_step="Keep the first ones, or the name of the distribution list.",
    ),
    Limit(
        name="bcc_characters",
        most=512,
        least=1,
        field="messages[].bcc[]",
        refusal="{where} has a bcc recipient of {found} characters; {least} to {most} are allowed.",
        next_step="Leave empty ones out; give addresses without the text around them.",
    ),
    Limit(
        name="language_characters",
        most=8,
        least=1,
        field="messages[].language",
        refusal="{where} has a language code of {found} characters; {least} to {most} are allowed.",
        next_step="Use a code such as 'en' or 'pt-BR', or leave it out.",
    ),
    Limit(
        name="attachments_per_message",
        most=128,
        field="attachments",
        refusal="{where} has {found} attachments; at most {most} are allowed.",
        next_step="Pack them together, or leave out inline pictures.",
    ),
    Limit(
        name="attachment_name_characters",
        most=256,
        least=1,
        field="attachments[].name",
        refusal="{where} has an attachment whose name has {found} characters; {least} to {most} are allowed.",
        next_step="Shorten the name and keep its ending.",
    ),
    Limit(
        name="attachment_type_characters",
        most=256,
        field="attachments[].content_type",
        refusal="{where} has an attachment whose content type has {found} characters; at most {most} are allowed.",
        next_step="Use a media type such as 'application/pdf', or an ending such as '.pdf'.",
    ),
    Limit(
        name="attachment_bytes",
        most=26_214_400,
        field="attachments[] content",
        refusal="{where} has an attachment of {found} bytes; contents of at most {most} are stored.",
        next_step="Hand it in without its content, or raise the setting 'attachment_max_bytes' (0 = no limit).",
        setting="attachment_max_bytes",
    ),
    Limit(
        name="batch_messages",
        most=16_384,
        field="messages per batch",
        refusal="{where} has {found} messages; at most {most} are taken at once.",
        next_step="Send them in several batches.",
    ),
    Limit(
        name="batch_mails",
        most=4_096,
        field="raw mails per batch",
        refusal="{where} was handed {found} mails; at most {most} are taken at once.",
        next_step="Hand them in in several batches, or import them as a file.",
    ),
    Limit(
        name="batch_predictions",
        most=4_096,
        least=1,
        field="messages per call that are predicted and not stored",
        refusal="{where} was handed {found} messages to predict; {least} to {most} are taken at once.",
        next_step="Hand them in in several calls, or import them: predictions of stored messages are free.",
    ),
    Limit(
        name="stored_predictions",
        most=4_096,
        least=1,
        field="stored messages per call whose predictions are asked for",
        refusal="{where} asked for the predictions of {found} messages; {least} to {most} are answered at once.",
        next_step="Ask for them in several calls.",
    ),
    Limit(
        name="deleted_ids",
        most=100_000,
        field="message_ids of a deletion",
        refusal="{where} would lose {found} messages named by id; at most {most} are taken at once.",
        next_step="Delete them in several calls, or by time.",
    ),
    # ---- plans
    Limit(
        name="plan_reason_characters",
        most=1_024,
        field="reason of a request for what a plan gives, and of its answer",
        refusal="{where} would have a reason of {found} characters; at most {most} are allowed.",
        next_step="Say it shorter.",
    ),
    # ---- projects, sources, datasets
    Limit(
        name="title_characters",
        most=128,
        field="title",
        refusal="{where} would have a title of {found} characters; at most {most} are allowed.",
        next_step="Put the rest into the description.",
    ),
    Limit(
        name="description_characters",
        most=16_384,
        field="description",
        refusal="{where} would have a description of {found} characters; at most {most} are allowed.",
        next_step="Keep the long text elsewhere and name the place here.",
    ),
    Limit(
        name="external_id_characters",
        most=128,
        field="external_id of a label",
        refusal="{where} would have an external id of {found} characters; at most {most} are allowed.",
        next_step="Use the id that the other system gives it.",
    ),
    Limit(
        name="taxonomy_file_characters",
        most=4_194_304,
        field="a file of labels",
        refusal="{where} has {found} characters; a file of labels has at most {most}.",
        next_step="Leave out columns and rows that are no labels.",
    ),
    Limit(
        name="sensitive_properties",
        most=4_096,
        field="sensitive_properties of a source",
        refusal="{where} would have {found} sensitive properties; at most {most} are allowed.",
        next_step="Leave out names that no message has.",
    ),
    Limit(
        name="thresholds_per_stream",
        most=4_096,
        field="thresholds of a stream",
        refusal="{where} would have {found} thresholds; at most {most} are allowed.",
        next_step="Leave out the labels that the stream need not return: only those listed are.",
    ),
    Limit(
        name="exceptions_per_call",
        most=1_024,
        field="exceptions tagged or taken off at once",
        refusal="{where} was given {found} exceptions at once; at most {most} are taken.",
        next_step="Hand them in in several calls.",
    ),
    Limit(
        name="exception_type_characters",
        most=256,
        least=1,
        field="type of an exception",
        refusal="{where} has an exception whose type has {found} characters; {least} to {most} are allowed.",
        next_step="Name the kind of exception in a few words, and put what is special to the message into its metadata.",
    ),
    Limit(
        name="exception_metadata",
        most=32,
        field="entries in the metadata of an exception",
        refusal="{where} has an exception with {found} entries of metadata; at most {most} are allowed.",
        next_step="Keep what helps to understand the exception; the message itself is known.",
    ),
    Limit(
        name="exception_metadata_characters",
        most=4_096,
        field="names and values in the metadata of an exception",
        refusal="{where} has an exception with {found} characters of metadata; at most {most} are allowed.",
        next_step="Keep what helps to understand the exception; the message itself is known.",
    ),
)

LIMITS: dict[str, Limit] = {limit.name: limit for limit in (*_TABLE, *QUOTA_LIMITS)}
"""Limit by name."""
