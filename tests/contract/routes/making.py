"""What routes are about, made through the interface itself with names that nobody has yet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.contract.routes.bench import Bench
from workbench.door import Job

REFUND = "refund please, you charged me twice for one parcel"
LATE = "my parcel has not arrived and the tracking page shows nothing"


@dataclass(frozen=True, kw_only=True)
class Resource:
    """Something of a project."""

    owner: str
    name: str
    key: str

    @property
    def path(self) -> str:
        """``owner/name``."""
        return f"{self.owner}/{self.name}"


def shared(make: Callable[[Bench], Any]) -> Callable[[Bench], Any]:
    """What is made once and looked at by many tests; none of them changes it."""

    def found(bench: Bench) -> Any:
        if make not in bench.kept:
            bench.kept[make] = make(bench)
        return bench.kept[make]

    return found


def project(bench: Bench, **texts: str) -> str:
    """A project; its name."""
    name = bench.fresh("claims")
    bench.ok("PUT", f"/api/_private/projects/{name}", {"project": texts})
    return name


home = shared(project)
"""The project that most things are made in."""


def user(bench: Bench) -> dict[str, Any]:
    """Somebody with an account and no right."""
    name = bench.fresh("ann")
    given = {"username": name, "email": f"{name}@mail.example"}
    told: dict[str, Any] = bench.ok("PUT", "/api/_private/users", {"user": given})["user"]
    return told


def source(bench: Bench, owner: str = "", **texts: Any) -> Resource:
    """A source without comments."""
    owner, name = owner or home(bench), bench.fresh("mail")
    told = bench.ok("PUT", f"/api/v1/sources/{owner}/{name}", {"source": texts})
    return Resource(owner=owner, name=name, key=told["source"]["id"])


def bucket(bench: Bench) -> Resource:
    """A bucket without mails."""
    owner, name = home(bench), bench.fresh("post")
    told = bench.ok("PUT", f"/api/_private/buckets/{owner}/{name}", {"bucket": {"bucket_type": "emails"}})
    return Resource(owner=owner, name=name, key=told["bucket"]["id"])


def email(number: int) -> dict[str, Any]:
    """A mail of a bucket."""
    return {
        "id": f"<m{number}@store.example>",
        "mailbox": "care@store.example",
        "timestamp": "2024-02-01T08:00:00Z",
        "mime_content": f"From: ann@buyer.example\r\nSubject: Refund {number}\r\n\r\nhello {number}",
        "attachments": [],
    }


def full_bucket(bench: Bench) -> Resource:
    """A bucket with two mails."""
    made = bucket(bench)
    bench.ok("PUT", f"/api/_private/buckets/{made.path}/emails", {"emails": [email(1), email(2)]})
    return made


def comment(number: int, text: str = "", **more: Any) -> dict[str, Any]:
    """A comment to upload."""
    return {
        "id": f"c{number}",
        "timestamp": f"2024-02-{number % 27 + 1:02d}T08:00:00Z",
        "thread_id": f"t{number // 2}",
        "messages": [
            {
                "subject": {"text": f"Case {number}"},
                "body": {"text": text or f"{(REFUND, LATE)[number % 2]} no {number}"},
                "from": "ann@buyer.example",
                "to": ["care@store.example"],
            }
        ],
        "user_properties": {"string:Team": "NS"[number % 2], "number:NPS": number % 11},
        **more,
    }


def full_source(bench: Bench, n: int = 3) -> Resource:
    """A source with some comments, ``c0`` and on."""
    made = source(bench)
    bench.ok("POST", f"/api/v1/sources/{made.path}/sync", {"comments": [comment(one) for one in range(n)]})
    return made


def dataset(bench: Bench, n: int = 4, **texts: Any) -> tuple[Resource, Resource]:
    """A dataset over a source with some comments, and that source."""
    of = full_source(bench, n)
    name = bench.fresh("all")
    given = {"source_ids": [of.key], "has_sentiment": False, **texts}
    told = bench.ok("PUT", f"/api/v1/datasets/{of.owner}/{name}", {"dataset": given})
    return Resource(owner=of.owner, name=name, key=told["dataset"]["id"]), of


def labelling(*names: str, dismissed: tuple[str, ...] = ()) -> dict[str, Any]:
    """What is said of a comment."""

    def listed(of: tuple[str, ...]) -> list[dict[str, str]]:
        return [{"name": name, "sentiment": "positive"} for name in of]

    return {"labelling": [{"group": "default", "assigned": listed(names), "dismissed": listed(dismissed)}]}


def reviewed(bench: Bench, n: int = 4) -> tuple[Resource, Resource]:
    """A dataset of which all comments but the last are reviewed."""
    made, of = dataset(bench, n)
    for number in range(n - 1):
        said = labelling("Refund" if number % 2 == 0 else "Parcel > Late")
        bench.ok("POST", f"/api/_private/datasets/{made.path}/labellings/{of.key}.c{number}", said)
    return made, of


def _trained(bench: Bench) -> tuple[Resource, Resource]:
    made, of = reviewed(bench, 60)
    for _ in range(2):
        job = bench.ok("POST", f"/api/_private/datasets/{made.path}/labellers/train", {})["job_id"]
        Job(bench.there, job).wait(progress=False)
    return made, of


trained = shared(_trained)
"""A dataset with two versions, and its source: streams hold the second, pins come and go on the first."""
full_shared = shared(full_source)
dataset_shared = shared(dataset)
reviewed_shared = shared(reviewed)


def stream(bench: Bench, *, with_model: bool = False) -> tuple[Resource, Resource, str]:
    """A stream at its beginning, over a dataset with comments; with the source, and its name."""
    made, of = trained(bench) if with_model else dataset_shared(bench)
    name = bench.fresh("flow")
    model = {"version": 2, "label_thresholds": [{"name": ["Refund"], "threshold": 0.1}]}
    given = {"name": name, "title": "Flow", **({"model": model} if with_model else {})}
    home = f"/api/v1/datasets/{made.path}/streams"
    bench.ok("PUT", home, {"stream": given})
    bench.ok("POST", f"{home}/{name}/reset", {"to_comment_created_at": "2000-01-01T00:00:00Z"})
    return made, of, name
