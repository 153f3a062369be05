"""Each limit refuses at its bound and says so in its own words."""

from __future__ import annotations

from dataclasses import fields

import pytest

from workbench.domain import LIMITS
from workbench.errors import LimitError
from workbench.settings import Settings

WHERE = "message 'm7'"
WORDS = {
    "message_id_characters": "message 'm7' has an id of 1,025 characters; 1 to 1,024 are allowed.",
    "parts_per_message": "message 'm7' has 2,049 parts; 1 to 2,048 are allowed.",
    "text_characters": "message 'm7' has a text of 65,537 characters;"
    " a body, subject or signature has at most 65,536.",
    "full_text_characters": "message 'm7' came with 33,554,433 characters; at most 33,554,432 are kept.",
    "sender_characters": "message 'm7' has a sender of 513 characters; 1 to 512 are allowed.",
    "recipients": "message 'm7' has 2,049 recipients; at most 2,048 are allowed.",
    "recipient_characters": "message 'm7' has a recipient of 513 characters; 1 to 512 are allowed.",
    "cc": "message 'm7' has 2,049 recipients in cc; at most 2,048 are allowed.",
    "cc_characters": "message 'm7' has a cc recipient of 513 characters; 1 to 512 are allowed.",
    "bcc": "message 'm7' has 2,049 recipients in bcc; at most 2,048 are allowed.",
    "bcc_characters": "message 'm7' has a bcc recipient of 513 characters; 1 to 512 are allowed.",
    "language_characters": "message 'm7' has a language code of 9 characters; 1 to 8 are allowed.",
    "attachments_per_message": "message 'm7' has 129 attachments; at most 128 are allowed.",
    "attachment_name_characters": "message 'm7' has an attachment whose name has 257 characters;"
    " 1 to 256 are allowed.",
    "attachment_type_characters": "message 'm7' has an attachment whose content type has 257 characters;"
    " at most 256 are allowed.",
    "attachment_bytes": "message 'm7' has an attachment of 26,214,401 bytes;"
    " contents of at most 26,214,400 are stored.",
    "batch_messages": "message 'm7' has 16,385 messages; at most 16,384 are taken at once.",
    "batch_mails": "message 'm7' was handed 4,097 mails; at most 4,096 are taken at once.",
    "batch_predictions": "message 'm7' was handed 4,097 messages to predict; 1 to 4,096 are taken at once.",
    "stored_predictions": "message 'm7' asked for the predictions of 4,097 messages; 1 to 4,096 are answered at once.",
    "buckets": "message 'm7' would be bucket number 3; at most 2 are allowed.",
    "deleted_ids": "message 'm7' would lose 100,001 messages named by id; at most 100,000 are taken at once.",
    "plan_reason_characters": "message 'm7' would have a reason of 1,025 characters; at most 1,024 are allowed.",
    "title_characters": "message 'm7' would have a title of 129 characters; at most 128 are allowed.",
    "description_characters": "message 'm7' would have a description of 16,385 characters;"
    " at most 16,384 are allowed.",
    "external_id_characters": "message 'm7' would have an external id of 129 characters; at most 128 are allowed.",
    "taxonomy_file_characters": "message 'm7' has 4,194,305 characters; a file of labels has at most 4,194,304.",
    "sensitive_properties": "message 'm7' would have 4,097 sensitive properties; at most 4,096 are allowed.",
    "sources_per_dataset": "message 'm7' would have 21 sources; a dataset has at most 20.",
    "datasets_per_source": "message 'm7' would be in 11 datasets; at most 10 are allowed.",
    "labels_per_dataset": "message 'm7' would have 201 labels; at most 200 are allowed.",
    "streams": "message 'm7' would be stream number 3; at most 2 are allowed.",
    "streams_per_dataset": "message 'm7' would have 3 streams; at most 2 are allowed.",
    "pinned_versions": "message 'm7' would be pinned version number 3; at most 2 are allowed.",
    "thresholds_per_stream": "message 'm7' would have 4,097 thresholds; at most 4,096 are allowed.",
    "exceptions_per_call": "message 'm7' was given 1,025 exceptions at once; at most 1,024 are taken.",
    "exception_type_characters": "message 'm7' has an exception whose type has 257 characters; 1 to 256 are allowed.",
    "exception_metadata": "message 'm7' has an exception with 33 entries of metadata; at most 32 are allowed.",
    "exception_metadata_characters": "message 'm7' has an exception with 4,097 characters of metadata; at most 4,096 are allowed.",
    "reviewed_per_dataset": "message 'm7' would have 3 reviewed messages; at most 2 are allowed.",
    "users": "message 'm7' would be user number 3; at most 2 are allowed.",
    "projects": "message 'm7' would be project number 3; at most 2 are allowed.",
    "sources": "message 'm7' would be source number 3; at most 2 are allowed.",
    "integrations": "message 'm7' would be integration number 3; at most 2 are allowed.",
    "mailboxes_per_integration": "message 'm7' would have 1,001 mailboxes; at most 1,000 are allowed.",
    "datasets": "message 'm7' would be dataset number 3; at most 2 are allowed.",
    "messages": "with message 'm7' the workspace would hold 3 messages; at most 2 are allowed.",
    "messages_per_source": "message 'm7' would hold 3 messages; at most 2 are allowed.",
}


@pytest.mark.parametrize("name", LIMITS)
def test_one_too_many_is_refused_in_its_own_words(name: str) -> None:
    limit = LIMITS[name]
    most = limit.most or 2
    limit.check(most, WHERE, most=most)
    with pytest.raises(LimitError) as caught:
        limit.check(most + 1, WHERE, most=most)
    assert caught.value.message == WORDS[name]
    assert caught.value.next_step == limit.next_step
    assert caught.value.details == {"limit": name, "most": most, "least": limit.least, "found": most + 1}


@pytest.mark.parametrize("name", [name for name, limit in LIMITS.items() if limit.least])
def test_one_too_few_is_refused(name: str) -> None:
    with pytest.raises(LimitError, match=r"[ (]0 "):
        LIMITS[name].check(0, WHERE)


def test_settings_hold_the_numbers_of_the_table() -> None:
    defaults = {field.name: field.default for field in fields(Settings)}
    for limit in LIMITS.values():
        if limit.setting:
            assert defaults[limit.setting] == limit.most
            LIMITS[limit.name].check(10**9, WHERE, most=0)


def test_each_limit_has_words() -> None:
    assert set(WORDS) == set(LIMITS)
