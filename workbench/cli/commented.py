"""Lines of comments and of annotations: what may stand in them, and what is refused by name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from workbench.cli.requesting import request
from workbench.domain import MessageFilter, MessageId, SourceId, make_uid
from workbench.door import Dataset
from workbench.errors import InputError, UnsupportedError

PAGE = 1_024
ONLY_READ = frozenset({"uid", "source_id", "created_at", "last_modified", "has_annotations"})
"""Keys that comments have when they are read, and not when they are handed in."""
_SAID = ("labelling", "entities", "moon_forms")
_WORKED_OUT = frozenset({"thread_properties", "label_properties", "model_version"})
_OURS = frozenset({"full_text", "in_parts"})


def checked_comment(line: dict[str, Any]) -> dict[str, Any]:
    """The comment of a line as it is handed in.

    Raises
    ------
    InputError
        It is none, or the line holds a key that nothing is known of.
    UnsupportedError
        The line holds what does not come in by this way; the text names it.
    """
    import msgspec  # noqa: PLC0415 - other commands start faster

    from workbench.api.shapes.comments import CommentNew, new_message  # noqa: PLC0415 - as above

    check_keys(line)
    if line.get("audio_path"):
        raise UnsupportedError(
            "'audio_path' names a recording, and files beside the line are not read.",
            next_step="Leave it out, and upload the recording over HTTP.",
        )
    if any(line.get(key) for key in _OURS):
        raise UnsupportedError(
            "the line is of our own export, which says more than this format.",
            next_step="Use 'workbench import' for the whole file.",
        )
    given = {key: value for key, value in line["comment"].items() if key not in ONLY_READ}
    try:
        new_message(msgspec.convert(given, CommentNew))
    except msgspec.ValidationError as error:
        raise InputError(f"the comment is not as described: {str(error)[:300]}.", next_step="") from None
    return given


def check_keys(line: dict[str, Any]) -> None:
    """Refuse a line without a comment, or with a key that nothing is known of."""
    comment = line.get("comment")
    if not isinstance(comment, dict) or not isinstance(comment.get("id"), str):
        raise InputError("there is no comment with an id.", next_step='Write {"comment": {"id": …, …}}.')
    for key in line:
        if key not in ("comment", "audio_path", *_SAID) and key not in _WORKED_OUT | _OURS:
            raise InputError(f"the key {key[:100]!r} is unknown.", next_step="Leave it out.")


def checked_labelling(line: dict[str, Any]) -> dict[str, Any] | None:
    """What a line says of labels, as it is handed in; None = nothing. Refuses by name what cannot be kept."""
    import msgspec  # noqa: PLC0415 - other commands start faster

    from workbench.api.shapes.labellings import NewLabelling, labelling_of  # noqa: PLC0415 - as above

    given = {key: line[key] for key in _SAID if line.get(key)}
    try:
        said = labelling_of(msgspec.convert(given, NewLabelling), ())
    except msgspec.ValidationError as error:
        raise InputError(f"the annotations are not as described: {str(error)[:300]}.", next_step="") from None
    if said is None or not any(
        one.get(key) is not None
        for name in ("labelling", "moon_forms")
        for one in given.get(name, ())
        for key in ("assigned", "dismissed")
    ):
        return None
    return {key: value for key, value in given.items() if key != "entities"}


def take_labelling(dataset: Dataset, source_id: SourceId, comment_id: str, said: dict[str, Any]) -> None:
    """Say what stands on a comment; labels that are not there are made."""
    from workbench.api.routes.labellings import ENDPOINTS  # noqa: PLC0415 - other commands start faster

    request(
        dataset.operations,
        ENDPOINTS,
        "POST",
        "/api/_private/datasets/{dataset}/labellings/{uid}",
        body=said,
        dataset=dataset.info.full_name,
        uid=make_uid(source_id, MessageId(comment_id)),
    )


def shown_lines(dataset: Dataset, where: MessageFilter, *, predictions: bool) -> Iterator[dict[str, Any]]:
    """Messages of a dataset as lines; keys with nothing in them are left out."""
    import msgspec  # noqa: PLC0415 - other commands start faster

    from workbench.api.shapes.annotated import annotated_of, label_paths  # noqa: PLC0415 - as above

    there, dataset_id = dataset.operations, dataset.dataset_id
    paths = label_paths(there.taxonomy(dataset_id))
    version = dataset.info.model_version if predictions else None
    after = ""
    while (page := there.export_messages(dataset_id, where, "arrival", after, PAGE)).messages:
        for one in page.messages:
            told = annotated_of(
                one, paths, predicted=one.predicted if version else None, model_version=version
            )
            yield without_empty(msgspec.json.decode(msgspec.json.encode(told)))
        after = page.after


def without_empty(line: dict[str, Any]) -> dict[str, Any]:
    """A line without annotations where nothing is said."""
    groups = [
        group
        for group in line.get("labelling", ())
        if group.get("assigned") or group.get("dismissed") or "predicted" in group
    ]
    entities = line.get("entities", {})
    return (
        {key: value for key, value in line.items() if key not in ("labelling", "entities")}
        | ({"labelling": groups} if groups else {})
        | ({"entities": entities} if any(entities.values()) else {})
    )
