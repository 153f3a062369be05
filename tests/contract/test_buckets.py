"""Buckets by every way in: made, named, read by sources, deleted."""

from __future__ import annotations

import pytest

from workbench.domain import BucketId, Operations, SourceId
from workbench.door import Job
from workbench.errors import (
    ConfirmationError,
    DuplicateNameError,
    InputError,
    NotEmptyError,
    UnknownNameError,
)


def test_create_amend_list(operations: Operations) -> None:
    made = operations.create_bucket("demo", "mail", "All mail")
    operations.create_bucket("other", "mail")
    assert [one.full_name for one in operations.buckets()] == ["demo/mail", "other/mail"]
    assert [project.name for project in operations.projects()] == ["demo", "other"]
    with pytest.raises(DuplicateNameError, match="a bucket named 'demo/mail' exists already"):
        operations.create_bucket("demo", "mail")
    with pytest.raises(InputError, match="bucket name 'a b' cannot be used"):
        operations.create_bucket("demo", "a b")
    amended = operations.amend_bucket(made.bucket_id, "Every mail")
    assert (made.title, amended.title, amended.n_mails) == ("All mail", "Every mail", 0)
    assert operations.buckets("demo") == (amended,)
    with pytest.raises(UnknownNameError, match="unknown bucket 'none'"):
        operations.amend_bucket(BucketId("none"), "x")


def test_sources_read_one_bucket(operations: Operations) -> None:
    first, second = (operations.create_bucket("demo", name) for name in ("a", "b"))
    source = operations.create_source("demo", "mail", bucket_id=first.bucket_id)
    later = operations.create_source("demo", "later")
    Job(operations, operations.start_attach(later.source_id, first.bucket_id)).wait(progress=False)
    assert {one.bucket_id for one in operations.sources()} == {first.bucket_id}
    assert operations.buckets()[0].source_ids == (later.source_id, source.source_id)
    with pytest.raises(InputError, match="source 'demo/mail' reads another bucket already"):
        operations.start_attach(source.source_id, second.bucket_id)
    assert operations.detach_bucket(source.source_id).bucket_id is None
    assert operations.detach_bucket(source.source_id).bucket_id is None
    with pytest.raises(UnknownNameError, match="unknown bucket"):
        operations.start_attach(source.source_id, BucketId("none"))
    with pytest.raises(UnknownNameError, match="unknown bucket"):
        operations.create_source("demo", "more", bucket_id=BucketId("none"))
    with pytest.raises(UnknownNameError, match="unknown source"):
        operations.start_attach(SourceId("none"), first.bucket_id)
    audit = operations.audit_table().to_pylist()
    assert [row["action"] for row in audit].count("attach_bucket") == 1
    assert [row["action"] for row in audit].count("detach_bucket") == 1


def test_delete(operations: Operations) -> None:
    bucket = operations.create_bucket("demo", "mail")
    operations.create_source("demo", "mail", bucket_id=bucket.bucket_id)
    with pytest.raises(ConfirmationError, match="bucket 'demo/mail' was to be deleted"):
        operations.delete_bucket(bucket.bucket_id, "demo/mial")
    with pytest.raises(NotEmptyError, match="still holds 1 source and 1 bucket and 0 mails"):
        operations.delete_project("demo", "demo")
    report = operations.delete_bucket(bucket.bucket_id, "demo/mail")
    assert (report.name, report.n_buckets, report.n_sources) == ("demo/mail", 1, 0)
    assert operations.buckets() == ()
    assert operations.sources()[0].bucket_id is None
    operations.create_bucket("demo", "again")
    report = operations.delete_project("demo", "demo", force=True)
    assert (report.n_buckets, report.n_sources) == (1, 1)
    assert operations.buckets() == ()
