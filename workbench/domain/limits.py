"""Every limit on messages, sources and datasets, in one table: number, meaning, words of its refusal.

A limit that names a ``setting`` is that setting's default; 0 means that there is no limit.
"""

from __future__ import annotations

from dataclasses import dataclass

from workbench.errors import LimitError


@dataclass(frozen=True, kw_only=True)
class Limit:
    """One limit.

    Attributes
    ----------
    most, least
        The largest and smallest number allowed, both inclusive.
    field
        What it bounds, in the words of the exchange format (``messages[].to``) or of the catalogue.
    refusal
        The sentence of its error; may use ``{found}``, ``{most}``, ``{least}`` and ``{where}``.
    next_step
        What to do about it.
    setting
        Setting that may change it, empty = fixed.
    """

    name: str
    most: int
    least: int = 0
    field: str
    refusal: str
    next_step: str
    setting: str = ""

    def check(self, found: int, where: str, *, most: int | None = None) -> None:
        """Refuse a number out of bounds.

        Parameters
        ----------
        found
            What is there.
        where
            The thing it was found on, as the reader knows it: ``message 'm7'``, ``dataset 'demo/mail'``.
        most
            The setting's value, None = the default; 0 = no limit.

        Raises
        ------
        LimitError
            ``found`` is larger than the limit, or smaller than the least.
        """
        bound = self.most if most is None else most
        if found >= self.least and (found <= bound or (self.setting and not bound)):
            return
        numbers = {"found": f"{found:,}", "most": f"{bound:,}", "least": f"{self.least:,}"}
        raise LimitError(
            self.refusal.format(where=where, **numbers),
            next_step=self.next_step,
            details={"limit": self.name, "most": bound, "least": self.least, "found": found},
        )


_SHORTEN = "Shorten it, or move what is long into an attachment."
_QUOTA = "Delete what is no longer needed, or raise the setting {!r} (0 = no limit)."

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
        name="deleted_ids",
        most=100_000,
        field="message_ids of a deletion",
        refusal="{where} would lose {found} messages named by id; at most {most} are taken at once.",
        next_step="Delete them in several calls, or by time.",
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
        name="sources_per_dataset",
        most=20,
        least=1,
        field="sources of a dataset",
        refusal="{where} would have {found} sources; a dataset has {least} to {most}.",
        next_step="Name at least one; split a larger set into several datasets, or raise the setting"
        " 'sources_per_dataset'.",
        setting="sources_per_dataset",
    ),
    Limit(
        name="datasets_per_source",
        most=10,
        field="datasets of a source",
        refusal="{where} would be in {found} datasets; at most {most} are allowed.",
        next_step="Remove it from a dataset, or raise the setting 'datasets_per_source' (0 = no limit).",
        setting="datasets_per_source",
    ),
    Limit(
        name="labels_per_dataset",
        most=200,
        field="labels of a dataset",
        refusal="{where} would have {found} labels; at most {most} are allowed.",
        next_step="Delete or merge labels first, or raise the setting 'labels_per_dataset' (0 = no limit).",
        setting="labels_per_dataset",
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
    Limit(
        name="reviewed_per_dataset",
        most=0,
        field="reviewed messages of a dataset",
        refusal="{where} would have {found} reviewed messages; at most {most} are allowed.",
        next_step="Raise the setting 'most_reviewed_per_dataset' (0 = no limit); what is reviewed can be corrected.",
        setting="most_reviewed_per_dataset",
    ),
    Limit(
        name="users",
        most=0,
        field="users of a workspace",
        refusal="{where} would be user number {found}; at most {most} are allowed.",
        next_step=_QUOTA.format("most_users"),
        setting="most_users",
    ),
    Limit(
        name="projects",
        most=0,
        field="projects of a workspace",
        refusal="{where} would be project number {found}; at most {most} are allowed.",
        next_step=_QUOTA.format("most_projects"),
        setting="most_projects",
    ),
    Limit(
        name="sources",
        most=0,
        field="sources of a workspace",
        refusal="{where} would be source number {found}; at most {most} are allowed.",
        next_step=_QUOTA.format("most_sources"),
        setting="most_sources",
    ),
    Limit(
        name="buckets",
        most=0,
        field="buckets of a workspace",
        refusal="{where} would be bucket number {found}; at most {most} are allowed.",
        next_step=_QUOTA.format("most_buckets"),
        setting="most_buckets",
    ),
    Limit(
        name="mailboxes_per_integration",
        most=1_000,
        field="mailboxes of an integration",
        refusal="{where} would have {found} mailboxes; at most {most} are allowed.",
        next_step="Make another integration for the rest, or raise the setting 'mailboxes_per_integration' (0 = no limit).",
        setting="mailboxes_per_integration",
    ),
    Limit(
        name="integrations",
        most=0,
        field="integrations of a workspace",
        refusal="{where} would be integration number {found}; at most {most} are allowed.",
        next_step=_QUOTA.format("most_integrations"),
        setting="most_integrations",
    ),
    Limit(
        name="datasets",
        most=0,
        field="datasets of a workspace",
        refusal="{where} would be dataset number {found}; at most {most} are allowed.",
        next_step=_QUOTA.format("most_datasets"),
        setting="most_datasets",
    ),
    Limit(
        name="messages",
        most=0,
        field="messages of a workspace",
        refusal="with {where} the workspace would hold {found} messages; at most {most} are allowed.",
        next_step=_QUOTA.format("most_messages"),
        setting="most_messages",
    ),
    Limit(
        name="messages_per_source",
        most=0,
        field="messages of a source",
        refusal="{where} would hold {found} messages; at most {most} are allowed.",
        next_step=_QUOTA.format("most_messages_per_source"),
        setting="most_messages_per_source",
    ),
)

LIMITS: dict[str, Limit] = {limit.name: limit for limit in _TABLE}
"""Limit by name."""
