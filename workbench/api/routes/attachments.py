"""Files of comments over HTTP: sounds, and attachments, which may come before their comment."""

from __future__ import annotations

import re

from workbench.api.endpoint import Asked, Endpoint
from workbench.api.envelope import Content, Ok
from workbench.api.routes.comments import COMMENT
from workbench.api.shapes.names import find_source
from workbench.domain import MessageId, SourceId
from workbench.errors import InputError, UnknownNameError

_REFERENCE = re.compile(r"([0-9]{1,4})\.([0-9a-f]{16})\.(.{1,1024})", re.DOTALL)
_POSITION = re.compile(r"[0-9]{1,4}", re.ASCII)
_COMMENT = "/api/_private/sources/{source}/comments/{comment_id}"


class Stored(Ok, kw_only=True):
    """SHA-256 of what was stored, in hex digits."""

    content_hash: str


def _put_sound(asked: Asked) -> Ok:
    asked.operations.put_message_file(find_source(asked).source_id, _comment(asked), asked.body)
    return Ok()


def _sound(asked: Asked) -> Content:
    return Content(data=asked.operations.message_file(find_source(asked).source_id, _comment(asked)))


def _put_attachment(asked: Asked) -> Stored:
    told = asked.path["position"]
    if not _POSITION.fullmatch(told):
        raise InputError(f"{told[:100]!r} is no position of an attachment.", next_step="Count them from 0.")
    source_id, position = find_source(asked).source_id, int(told)
    found = asked.operations.put_message_file(source_id, _comment(asked), asked.body, position)
    return Stored(content_hash=found)


def _attachment(asked: Asked) -> Content:
    named = _REFERENCE.fullmatch(asked.path["reference"])
    if named is None:
        raise UnknownNameError("attachment", asked.path["reference"][:100], ())
    position, source_id, message_id = int(named[1]), SourceId(named[2]), MessageId(named[3])
    return Content(data=asked.operations.message_file(source_id, message_id, position))


def _comment(asked: Asked) -> MessageId:
    return MessageId(asked.path["comment_id"])


ENDPOINTS = (
    Endpoint(
        method="PUT",
        path=f"{_COMMENT}/audio",
        summary="Store the sound of a comment",
        handle=_put_sound,
        takes_file=True,
        names=COMMENT,
    ),
    Endpoint(
        method="GET",
        path=f"{_COMMENT}/audio",
        summary="The sound of a comment",
        handle=_sound,
        reply=Content,
        names=COMMENT,
    ),
    Endpoint(
        method="PUT",
        path=f"{_COMMENT}/attachments/{{position}}",
        summary="Store the content of an attachment, of a comment that is there or will come",
        handle=_put_attachment,
        reply=Stored,
        takes_file=True,
        names={**COMMENT, "position": "^[0-9]{1,4}$"},
    ),
    Endpoint(
        method="GET",
        path="/api/v1/attachments/{reference}",
        summary="The content of an attachment",
        handle=_attachment,
        reply=Content,
        names={"reference": "^[0-9]{1,4}\\.[0-9a-f]{16}\\.[^/]{1,1024}$"},
    ),
)
