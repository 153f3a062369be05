"""``get …``: everything that the client reads, page by page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeVar

import msgspec

from tests.contract.client.comments import (
    AnnotatedComment,
    AutoPredictions,
    Comment,
    CommentPage,
    LabellingsPage,
    OneComment,
    Predictions,
    QueryPage,
)
from tests.contract.client.decoding import RefusedError, UnreadableError
from tests.contract.client.resources import (
    AuditEvent,
    AuditPage,
    Bucket,
    Buckets,
    BucketStatistics,
    Counted,
    Dataset,
    Datasets,
    Email,
    Emails,
    Integration,
    Integrations,
    NewQuotas,
    OldQuotas,
    OldSyncStates,
    OneIntegration,
    OneProject,
    OneUser,
    Project,
    Projects,
    Quota,
    Source,
    Sources,
    Stream,
    Streams,
    Summary,
    Summed,
    SyncState,
    SyncStates,
    User,
    Users,
    Validated,
)
from tests.contract.client.session import PRIVATE, V1, Cli, Line, full_name
from tests.contract.client.transport import named

T = TypeVar("T")
QUERY_PAGE, SOURCE_PAGE, EMAIL_PAGE, MOST_PAGES = 512, 64, 64, 10_000


def users(cli: Cli, user_id: str = "", *, project: str = "", permission: str = "") -> list[User]:
    """``get users``: one, or those with something in a project."""
    cli.begin()
    if user_id:
        return [cli.client.call("GET", (*PRIVATE, "users", user_id), OneUser).user]
    found = cli.client.call("GET", (*PRIVATE, "users"), Users).users
    if project:
        found = [one for one in found if project in one.organisation_permissions]
        found = [
            one for one in found if not permission or permission in one.organisation_permissions[project]
        ]
    return found


def projects(cli: Cli, name: str = "") -> list[Project]:
    """``get projects``."""
    cli.begin()
    if name:
        return [cli.client.call("GET", (*PRIVATE, "projects", name), OneProject).project]
    return cli.client.call("GET", (*PRIVATE, "projects"), Projects).projects


def sources(cli: Cli, name: str = "", *, stats: bool = False) -> list[tuple[Source, str, float | None]]:
    """``get sources``: each with the name of its bucket and, when asked, its number of comments."""
    cli.begin()
    found = [cli.source(name)] if name else cli.client.call("GET", (*V1, "sources"), Sources).sources
    names = {one.id: full_name(one) for one in cli.client.call("GET", (*PRIVATE, "buckets"), Buckets).buckets}
    return [(one, names.get(one.bucket_id or "", ""), count(cli, one) if stats else None) for one in found]


def count(cli: Cli, of: Source, **where: Any) -> float:
    """How many comments of a source pass a filter."""
    path = (*V1, "sources", full_name(of), "statistics")
    told = cli.client.call("POST", path, Counted, body={"comment_filter": where}, single=True)
    return told.statistics.num_comments


def buckets(cli: Cli, name: str = "", *, stats: bool = False) -> list[tuple[Bucket, int | None]]:
    """``get buckets``."""
    cli.begin()
    found = [cli.bucket(name)] if name else cli.client.call("GET", (*PRIVATE, "buckets"), Buckets).buckets
    return [(one, n_emails(cli, one) if stats else None) for one in found]


def n_emails(cli: Cli, of: Bucket) -> int:
    """How many mails a bucket holds."""
    path = (*PRIVATE, "buckets", full_name(of), "statistics")
    return cli.client.call("GET", path, BucketStatistics).statistics.count.value


def datasets(
    cli: Cli, name: str = "", *, stats: bool = False, source: str = ""
) -> list[tuple[Dataset, float | None, int | None]]:
    """``get datasets``: each, when asked, with its number of comments and the score of its model, None = n/a."""
    cli.begin()
    found = [cli.dataset(name)] if name else cli.client.call("GET", (*V1, "datasets"), Datasets).datasets
    if source:
        wanted = cli.source(source).id
        found = [one for one in found if wanted in one.source_ids]
    return [
        (one, n_comments(cli, one) if stats else None, _score(cli, one) if stats else None) for one in found
    ]


def n_comments(cli: Cli, of: Dataset, attributes: Sequence[Line] = (), **where: Any) -> float:
    """How many comments of a dataset pass."""
    body = {
        "attribute_filters": list(attributes),
        "comment_filter": {"timestamp": {}, "messages": {}, **where},
        "label_property_timeseries": False,
        "label_timeseries": False,
    }
    path = (*PRIVATE, "datasets", full_name(of), "statistics")
    return cli.client.call("POST", path, Counted, body=body, single=True).statistics.num_comments


def _score(cli: Cli, of: Dataset) -> int | None:
    path = (*PRIVATE, "datasets", full_name(of), "labellers", "latest", "validation")
    before = len(cli.client.waited)
    try:
        return int(cli.client.call("GET", path, Validated).validation.model_rating.score)
    except RefusedError:
        if len(cli.client.waited) > before:
            raise UnreadableError("half a minute was waited for a model that is not there") from None
        return None


def comment(cli: Cli, source: str, comment_id: str) -> Comment:
    """``get comment``."""
    cli.begin()
    path = (*V1, "sources", full_name(cli.source(source)), "comments", comment_id)
    return cli.client.call("GET", path, OneComment, query=(("include_markup", "true"),)).comment


def attachments(cli: Cli, of: Comment) -> dict[int, bytes]:
    """The contents of those attachments that have a reference."""
    return {
        at: cli.client.content(*V1, "attachments", one.attachment_reference)
        for at, one in enumerate(of.attachments)
        if one.attachment_reference
    }


def of_source(
    cli: Cli,
    source: str,
    *,
    since: str = "",
    until: str = "",
    limit: int = SOURCE_PAGE,
    meanwhile: Any = None,
) -> list[Comment]:
    """``get comments`` without a dataset; ``meanwhile`` is called with each page before the next."""
    cli.begin()
    where = cli.source(source)
    bounds = {key: value for key, value in (("minimum", since), ("maximum", until)) if value}
    count(cli, where, timestamp=bounds)
    found: list[Comment] = []
    for page in source_pages(cli, where, since=since, until=until, limit=limit):
        found += page
        if meanwhile is not None:
            meanwhile(page)
    return found


def source_pages(
    cli: Cli, where: Source, *, since: str = "", until: str = "", limit: int = SOURCE_PAGE
) -> Iterator[list[Comment]]:
    """Pages of comments; the beginning of the range is said for the first of them only."""
    path, after = (*PRIVATE, "sources", full_name(where), "comments"), ""
    for _ in range(MOST_PAGES):
        query = [("limit", str(limit)), ("include_markup", "true")]
        query += [("from_timestamp", since)] if since and not after else []
        query += [("to_timestamp", until)] if until else []
        query += [("after", after)] if after else []
        told = cli.client.call("GET", path, CommentPage, query=query)
        yield told.comments
        if not told.continuation:
            return
        after = told.continuation
    raise UnreadableError("pages without an end")


def of_dataset(
    cli: Cli,
    dataset: str,
    source: str = "",
    *,
    predictions: bool = False,
    version: int = 0,
    reviewed_only: bool = False,
    since: str = "",
    until: str = "",
    senders: Sequence[str] = (),
    recipients: Sequence[str] = (),
    labels: str = "",
    properties: Line | None = None,
    attachment_types: Sequence[str] = (),
    only_with_attachments: bool = False,
    shuffle: int | None = None,
    stop_after: int = 0,
) -> list[Line]:
    """``get comments`` of a dataset, as the lines of its file; ``shuffle`` is the seed."""
    cli.begin()
    of = cli.dataset(dataset)
    filters = _attributes(of, labels, attachment_types, only_with_attachments)
    narrow = [since, until, senders, recipients, properties, filters, version, shuffle is not None]
    of_sources = [cli.source(source).id] if source else of.source_ids
    if reviewed_only and not any(narrow):
        found: Iterable[AnnotatedComment] = _reviewed(cli, of, of_sources)
    elif reviewed_only and not cli.generation.combines_reviewed:
        raise ValueError("reviewed-only cannot be combined with other filters")
    else:
        where: Line = {
            "timestamp": {k: v for k, v in (("minimum", since), ("maximum", until)) if v},
            "messages": {k: {"one_of": list(v)} for k, v in (("from", senders), ("to", recipients)) if v},
        }
        where |= {"sources": of_sources} if source else {}
        where |= {"user_properties": properties} if properties else {}
        where |= {"reviewed": "only_reviewed"} if reviewed_only else {}
        n_comments(cli, of, filters, **where)
        order = {"kind": "recent"} if shuffle is None else {"kind": "sample", "seed": shuffle}
        found = _queried(cli, of, where, filters, order)
    lines = []
    for one in found:
        lines.append(_line(_predicted_by(cli, of, one, version) if version else one, predictions))
        if stop_after and len(lines) == stop_after:
            break
    return lines


def _attributes(of: Dataset, labels: str, types: Sequence[str], only_with: bool) -> list[Line]:
    filters: list[Line] = []
    if labels:
        names = [one.name for one in of.label_defs if re.search(labels, one.name)]
        filters.append({"attribute": "labels", "filter": {"kind": "string_any_of", "any_of": names}})
    if types:
        kinds = {"kind": "string_any_of", "any_of": list(types)}
        filters.append({"attribute": "attachment_property_types", "filter": kinds})
    if only_with:
        some = {"kind": "number_range", "minimum": 1, "maximum": None}
        filters.append({"attribute": "attachment_property_num_attachments", "filter": some})
    return filters


def _queried(
    cli: Cli, of: Dataset, where: Line, filters: Sequence[Line], order: Line
) -> Iterator[AnnotatedComment]:
    path, after = (*PRIVATE, "datasets", full_name(of), "query"), None
    for _ in range(MOST_PAGES):
        body = {"attribute_filters": list(filters), "filter": where, "limit": QUERY_PAGE, "order": order}
        body |= {"continuation": after} if after else {}
        told = cli.client.call("POST", path, QueryPage, body=body)
        yield from told.results
        after = told.continuation
        if not told.results or not after:
            return
    raise UnreadableError("pages without an end")


def _reviewed(cli: Cli, of: Dataset, source_ids: Sequence[str]) -> Iterator[AnnotatedComment]:
    for source_id in source_ids:
        yield from reviewed_of(cli, of, source_id)


def reviewed_of(cli: Cli, of: Dataset, source_id: str, limit: int = 0) -> Iterator[AnnotatedComment]:
    """What people said of the comments of a source: only an empty page ends it, and every other needs a new mark."""
    path, after = (*PRIVATE, "datasets", full_name(of), "labellings"), ""
    for _ in range(MOST_PAGES):
        query = [("source_id", source_id), ("return_predictions", "true")]
        query += ([("limit", str(limit))] if limit else []) + ([("after", after)] if after else [])
        told = cli.client.call("GET", path, LabellingsPage, query=query)
        if not told.results:
            return
        if not told.after or told.after == after:
            raise UnreadableError(f"a page that holds something has the mark {told.after!r} after {after!r}")
        yield from told.results
        after = told.after
    raise UnreadableError("pages without an end")


def _predicted_by(cli: Cli, of: Dataset, one: AnnotatedComment, version: int) -> AnnotatedComment:
    (told,) = predicted(cli, of, [one.comment.uid], version).predictions
    if told.uid != one.comment.uid:
        raise UnreadableError("a prediction of another comment")
    groups = [msgspec.structs.replace(group, predicted=told.labels) for group in one.labelling or ()]
    return msgspec.structs.replace(one, labelling=groups)


def predicted(cli: Cli, of: Dataset, uids: Sequence[str], version: int) -> Predictions:
    """What a version says of stored comments."""
    path = (*V1, "datasets", full_name(of), "labellers", str(version), "predict-comments")
    return cli.client.call("POST", path, Predictions, body={"uids": list(uids)})


def predicted_auto(cli: Cli, of: Dataset, uids: Sequence[str], version: int) -> AutoPredictions:
    """The same, with the thresholds that each label passes."""
    path = (*V1, "datasets", full_name(of), "labellers", str(version), "predict-comments")
    return cli.client.call("POST", path, AutoPredictions, body={"uids": list(uids), "threshold": "auto"})


def _line(one: AnnotatedComment, predictions: bool) -> Line:
    told: Line = msgspec.to_builtins(one)
    if not predictions:
        for group in told.get("labelling") or ():
            group.pop("predicted", None)
        if not any(len(group) > 1 for group in told.get("labelling") or ()):
            told.pop("labelling", None)
        if not any(told.get("entities", {}).values()):
            told.pop("entities", None)
    return told


def emails(cli: Cli, bucket: str, email_id: str = "", *, limit: int = EMAIL_PAGE) -> list[Email]:
    """``get emails``."""
    cli.begin()
    where = cli.bucket(bucket)
    path = (*PRIVATE, "buckets", full_name(where), "emails")
    if email_id:
        return cli.client.call("GET", path, Emails, query=(("id", email_id),)).emails
    n_emails(cli, where)
    return list(all_emails(cli, where, limit))


def all_emails(cli: Cli, where: Bucket, limit: int = EMAIL_PAGE) -> Iterator[Email]:
    """Every mail of a bucket, page by page."""
    path, after = (*PRIVATE, "buckets", full_name(where), "emails"), None
    for _ in range(MOST_PAGES):
        body = {"limit": limit, **({"continuation": after} if after else {})}
        told = cli.client.call("POST", path, Emails, body=body)
        yield from told.emails
        after = told.continuation
        if not after:
            return
    raise UnreadableError("pages without an end")


def streams(cli: Cli, dataset: str) -> list[Stream]:
    """``get streams``, by name."""
    cli.begin()
    path = (*V1, "datasets", full_name(cli.dataset(dataset)), "streams")
    return sorted(cli.client.call("GET", path, Streams).streams, key=lambda one: one.name)


def quotas(cli: Cli, tenant: str = "") -> list[Quota]:
    """``get quotas``."""
    cli.begin()
    kind = NewQuotas if cli.generation.refreshes else OldQuotas
    return cli.client.call("GET", (*PRIVATE, "quotas", *([tenant] if tenant else ())), kind).quotas


def audit_events(cli: Cli, *, since: str = "", until: str = "") -> list[tuple[AuditEvent, str]]:
    """``get audit-events``: each with the address of who did it."""
    cli.begin()
    found, after = [], None
    bounds = {key: value for key, value in (("minimum", since), ("maximum", until)) if value}
    for _ in range(MOST_PAGES):
        body = {"filter": {"timestamp": bounds}, **({"continuation": after} if after else {})}
        told = cli.client.call("POST", (*V1, "audit_events", "query"), AuditPage, body=body)
        emails_of = {one.id: one.email for one in told.users}
        found += [(one, emails_of[one.actor_user_id]) for one in told.audit_events]
        after = told.continuation
        if not after:
            return found
    raise UnreadableError("pages without an end")


def integrations(cli: Cli, name: str = "") -> list[Integration]:
    """``get integrations``."""
    cli.begin()
    if name:
        path = (*PRIVATE, "integrations", named(name))
        return [cli.client.call("GET", path, OneIntegration).integration]
    return cli.client.call("GET", (*PRIVATE, "integrations"), Integrations).integrations


def sync_states(cli: Cli, bucket: str) -> Sequence[SyncState]:
    """``get keyed-sync-states``."""
    cli.begin()
    path = (*PRIVATE, "buckets", f"id:{cli.bucket(bucket).id}", "keyed-sync-states/")
    kind = SyncStates if cli.generation.refreshes else OldSyncStates
    return cli.client.call("GET", path, kind).keyed_sync_states


def summary(cli: Cli, dataset: str) -> Summary:
    """What properties the comments of a dataset can be filtered by."""
    cli.begin()
    path = (*PRIVATE, "datasets", full_name(cli.dataset(dataset)), "summary")
    return cli.client.call("POST", path, Summed, body={"filter": {}, "attribute_filters": []}).summary
