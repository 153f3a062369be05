"""Buckets on the page of sources: what raw mail is kept, who reads it, and what brings it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from workbench.domain import Bucket, BucketId, Integration, Source, SourceId
from workbench.errors import UnknownNameError
from workbench.widgets.panels.catalog import TITLE, counted, day, home_fields, text_field
from workbench.widgets.panels.mail_files import size_words
from workbench.widgets.panels.shelf import Shelf


class BucketShelf(Shelf):
    """Buckets as cards: create, upload mail, choose who reads it, amend, delete."""

    title = "Buckets"
    noun = "bucket"
    about = "Mail as received"
    empty_title = "There is no bucket yet."
    empty_text = "A bucket keeps mail as received. Integrations make theirs by themselves; create one to upload mail files."
    makes = "create_bucket"
    needs: ClassVar[Mapping[str, str]] = {
        "upload": "start_mail_import",
        "readers": "start_attach",
        "amend": "amend_bucket",
        "delete": "delete_bucket",
    }

    def read(self) -> list[dict[str, Any]]:
        """Read the buckets again."""
        self.buckets = {str(one.bucket_id): one for one in self.operations.buckets()}
        sources = self.operations.sources()
        integrations = self.operations.integrations()
        return [_card(one, sources, integrations) for one in self.buckets.values()]

    def act(self, key: str, card_id: str) -> None:
        """Do what a card's button says."""
        if card_id not in self.buckets:
            raise UnknownNameError("bucket", card_id, [one.full_name for one in self.buckets.values()])
        actions = {
            "upload": self.panel.upload_mail,
            "readers": self.choose,
            "amend": self.amend,
            "delete": self.delete,
        }
        actions[key](self.buckets[card_id])

    def new(self) -> None:
        """Ask what the new bucket is."""
        projects = [one.name for one in self.operations.projects()]
        self.ask(
            self.create,
            title="New bucket",
            submit="Create bucket",
            fields=[
                *home_fields(projects, "bucket"),
                text_field("title", "Title", most=TITLE, help="What people see; empty = the name."),
            ],
            values={"project": projects[0] if projects else "main"},
        )

    def create(self, values: dict[str, Any]) -> str:
        """Create a bucket."""
        made = self.operations.create_bucket(values["project"], values["name"], values.get("title", ""))
        return f"{made.full_name} is created."

    def amend(self, bucket: Bucket) -> None:
        """Ask for another title."""
        self.ask(
            lambda values: (
                f"{self.operations.amend_bucket(bucket.bucket_id, values['title']).full_name} is changed."
            ),
            title=f"Edit {bucket.title or bucket.full_name}",
            text=f"{bucket.full_name}: project and name are fixed.",
            submit="Save",
            fields=[text_field("title", "Title", most=TITLE, required=True)],
            values={"title": bucket.title},
        )

    def choose(self, bucket: Bucket) -> None:
        """Ask which sources read it."""
        free = [one for one in self.operations.sources() if one.bucket_id in (None, bucket.bucket_id)]
        self.ask(
            lambda values: self.attach(bucket, values["source_ids"]),
            title=f"Sources that read {bucket.title or bucket.full_name}",
            text=(
                f"Each of its {counted(bucket.n_mails, 'mail')} becomes a message of a source that begins to read it, at one unit "
                "a message; later mail follows by itself. A source that stops reading it keeps its messages.\n"
                "Sources that read another bucket are not listed."
            ),
            submit="Save",
            fields=[
                {
                    "key": "source_ids",
                    "kind": "checks",
                    "title": "Sources",
                    "options": [
                        {
                            "value": str(one.source_id),
                            "title": one.title or one.full_name,
                            "note": counted(one.n_messages, "message"),
                        }
                        for one in free
                    ],
                    "help": "" if free else "There is no source that could read it: create one first.",
                }
            ],
            values={"source_ids": [str(one) for one in bucket.source_ids]},
        )

    def attach(self, bucket: Bucket, source_ids: list[str]) -> str:
        """Let these sources read it and no others; mail that is there comes in as a job."""
        for gone in [one for one in bucket.source_ids if str(one) not in source_ids]:
            self.operations.detach_bucket(gone)
        for come in [one for one in source_ids if SourceId(one) not in bucket.source_ids]:
            job_id = self.operations.start_attach(SourceId(come), bucket.bucket_id)
            self.panel.follow(job_id, then=self.panel.refresh)
        return f"{bucket.full_name} is read by {counted(len(source_ids), 'source')}."

    def delete(self, bucket: Bucket) -> None:
        """Say what a deletion takes and ask for the name."""
        lines = [
            f"{counted(bucket.n_mails, 'mail')} as received ({size_words(bucket.n_bytes)}) will be gone, with what is known of their threads.",
            f"{counted(len(bucket.source_ids), 'source')} that read{'s' if len(bucket.source_ids) == 1 else ''} it will keep the messages, without their original mails.",
            "Nothing of it can be brought back.",
        ]
        self.ask_to_delete(
            lambda _: self.remove(bucket.bucket_id, bucket.full_name),
            title=bucket.title,
            full_name=bucket.full_name,
            text="\n".join(lines),
            warning=refilling(bucket, self.operations.integrations()),
            submit=f"Delete {counted(bucket.n_mails, 'mail')}",
        )

    def remove(self, bucket_id: BucketId, full_name: str) -> str:
        """Delete a bucket."""
        done = self.operations.delete_bucket(bucket_id, full_name)
        return f"{full_name} is deleted with {counted(done.n_mails, 'mail')}."


def targets(integration: Integration) -> list[str]:
    """Full names of the buckets that mailboxes of an integration flow into, each once."""
    flows = [one.mailbox.bucket for one in integration.mailboxes]
    return list(dict.fromkeys(f"{one.project}/{one.name}" for one in flows if one))


def refilling(bucket: Bucket, integrations: Iterable[Integration]) -> str:
    """A warning where integrations fill a bucket, so that it comes again; empty = none does."""
    names = [one.full_name for one in integrations if one.enabled and bucket.full_name in targets(one)]
    if not names:
        return ""
    return (
        f"{', '.join(names)} will make bucket {bucket.full_name} again with the next mail: pause or delete what "
        "fills it before the bucket is deleted."
    )


def _card(
    bucket: Bucket, sources: tuple[Source, ...], integrations: tuple[Integration, ...]
) -> dict[str, Any]:
    readers = [one.title or one.full_name for one in sources if one.source_id in bucket.source_ids]
    feeding = [one.title or one.full_name for one in integrations if bucket.full_name in targets(one)]
    return {
        "id": str(bucket.bucket_id),
        "title": bucket.title or bucket.full_name,
        "name": bucket.full_name,
        "figures": [
            [bucket.n_mails, "mail" if bucket.n_mails == 1 else "mails"],
            [size_words(bucket.n_bytes), "as received"],
        ],
        "facts": [
            ["Read by", ", ".join(readers) or "no source: its mail is only kept"],
            ["Filled by", ", ".join(feeding) or "uploads"],
            ["Created", day(bucket.created_at)],
        ],
        "links": [],
        "actions": [
            {"key": "upload", "title": "Upload mail"},
            {"key": "readers", "title": "Sources"},
            {"key": "amend", "title": "Edit", "icon": "pencil"},
            {"key": "delete", "title": "Delete", "icon": "trash"},
        ],
    }
