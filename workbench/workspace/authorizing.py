"""Whether a caller may do what they ask for: the table of rules, applied to the objects that a call names.

What lies in a project that the caller sees nothing of is told to be unknown, so that nobody learns what there is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NoReturn, cast

import msgspec

from workbench.domain import (
    ALL_PERMISSIONS,
    JOB_CHANGERS,
    JOB_READERS,
    PERMISSIONS,
    RIGHTS,
    JobId,
    JobState,
    Permission,
    Rule,
    SourceId,
    UploadId,
)
from workbench.errors import AccessError, UnknownNameError
from workbench.store import DatasetPlace, Placed, Session
from workbench.workspace.context import Caller
from workbench.workspace.uploads import uploader

Asked = Mapping[str, Any]
_JOB_READS = frozenset(("job", "bad_rows", "mail_problems"))


def authorize(caller: Caller, operation: str, asked: Asked) -> None:
    """Let the call pass, or refuse it.

    Parameters
    ----------
    asked
        The arguments of the call by name, defaults included.

    Raises
    ------
    AccessError
        A permission is lacking; the text names it and, when the caller sees it, the project.
    UnknownNameError
        What is named is not there, or lies in a project that the caller sees nothing of.
    """
    if caller.grants.everywhere >= ALL_PERMISSIONS:
        return
    rule = PERMISSIONS[operation]
    gate = _Gate(caller, operation)
    for upload_id in _named(asked, "upload_id", "upload_ids"):
        gate.check_upload(UploadId(upload_id))
    if rule.place in ("anybody", "listed"):
        return
    if rule.place == "tenant":
        gate.need(rule.needs, None)
    elif rule.place == "upload":
        gate.need_one_somewhere(rule.needs)
    elif rule.place == "dataset" and not (rule.target or asked.get("source_ids")):
        _check_dataset(gate, rule, asked)
    else:
        with caller.store.read() as session:
            _check_objects(gate, session, rule, asked)


def may_see_job(caller: Caller, session: Session, state: JobState) -> bool:
    """Whether a job is one's own, or of a kind and in a project that one may look at."""
    return _Gate(caller, "job").may_of_job(session, state, JOB_READERS[state.kind])


def _check_dataset(gate: _Gate, rule: Rule, asked: Asked) -> None:
    found = gate.dataset(asked.get("dataset_id") or asked["name"])
    gate.need(rule.needs, found.project)
    for project in sorted(set(found.sources.values())) if rule.sources else ():
        gate.need(rule.sources, project)


def _check_objects(gate: _Gate, session: Session, rule: Rule, asked: Asked) -> None:
    if rule.place == "job":
        gate.check_job(session, JobId(asked["job_id"]), rule)
        return
    if rule.place == "dataset":
        _check_dataset(gate, rule, asked)
    elif rule.place == "project":
        gate.need(rule.needs, asked["project"])
    else:
        found_id = asked[f"{rule.place}_id"] if f"{rule.place}_id" in asked else asked["name"]
        if found_id is None:
            gate.need_one_somewhere(rule.needs)
        else:
            gate.need(rule.needs, gate.project_of(session, cast(Placed, rule.place), found_id))
    _check_sources(gate, session, rule, asked.get("source_ids") or ())
    if rule.target:
        gate.need(rule.target, asked["project"])
    if rule.place in ("source", "project") and asked.get("bucket_id") is not None:
        gate.need(("bucket.read",), gate.project_of(session, "bucket", asked["bucket_id"]))


def _check_sources(gate: _Gate, session: Session, rule: Rule, source_ids: Iterable[SourceId]) -> None:
    if rule.sources:
        for source_id in source_ids:
            gate.need(rule.sources, gate.project_of(session, "source", source_id))


def _named(asked: Asked, *names: str) -> Iterator[str]:
    for name in names:
        value = asked.get(name)
        if isinstance(value, str):
            yield value
        elif value is not None:
            yield from value


_VERBS = frozenset(
    (
        "add",
        "advance",
        "amend",
        "announce",
        "answer",
        "assign",
        "begin",
        "cancel",
        "choose",
        "compare",
        "copy",
        "correct",
        "count",
        "create",
        "delete",
        "describe",
        "detach",
        "enable",
        "export",
        "fetch",
        "filter",
        "find",
        "finish",
        "get",
        "import",
        "judge",
        "keep",
        "measure",
        "merge",
        "move",
        "order",
        "pin",
        "predict",
        "preview",
        "publish",
        "put",
        "query",
        "read",
        "remove",
        "rename",
        "reset",
        "resume",
        "resync",
        "set",
        "split",
        "star",
        "start",
        "sync",
        "tag",
        "undo",
        "untag",
        "upload",
        "verify",
        "wait",
    )
)
"""What operations do, by the first word of their names; the others tell something."""


class _Gate:
    """One call at the door."""

    def __init__(self, caller: Caller, operation: str) -> None:
        self._caller, self._grants, self._operation = caller, caller.grants, operation

    def need(self, needs: Iterable[Permission], project: str | None) -> None:
        for permission in needs:
            if not self._grants.may(permission, project):
                self._refuse(permission, project)

    def need_one_somewhere(self, needs: tuple[Permission, ...]) -> None:
        if not any(map(self._grants.may_somewhere, needs)):
            self._refuse(needs[0], None)

    def dataset(self, name_or_id: str) -> DatasetPlace:
        there = self._caller.store.dataset_places()  # by heart: asked at every call of most callers
        seen = [one for one in there if self._grants.sees(one.project)]
        for one in seen:
            if name_or_id in (one.dataset_id, one.full_name):
                return one
        readable = [one.full_name for one in seen if self._grants.may("dataset.read", one.project)]
        raise UnknownNameError("dataset", name_or_id, readable)

    def project_of(self, session: Session, place: Placed, found_id: str) -> str:
        project = session.places.project_of(place, found_id)
        if project is None or not self._grants.sees(project):
            raise UnknownNameError(place, found_id, ())
        return project

    def check_upload(self, upload_id: UploadId) -> None:
        owner = uploader(self._caller.workspace, upload_id)
        if owner is not None and owner != self._caller.actor:
            raise AccessError(
                f"upload {upload_id[:64]!r} was not begun by {self._caller.actor!r}.",
                next_step="Begin an upload of your own.",
            )

    def check_job(self, session: Session, job_id: JobId, rule: Rule) -> None:
        state = session.jobs.get(job_id)
        if not self.may_of_job(session, state, JOB_READERS[state.kind]):
            raise UnknownNameError("job", job_id, ())
        needed = rule.needs or (() if self._operation in _JOB_READS else (JOB_CHANGERS[state.kind],))
        for permission in needed:
            if not self.may_of_job(session, state, permission):
                self._refuse(permission, _project_of_job(session, state))

    def may_of_job(self, session: Session, state: JobState, permission: Permission) -> bool:
        told = msgspec.json.decode(session.jobs.parameters(state.job_id))
        if told.get("actor") == self._caller.actor:
            return True
        return self._grants.may(permission, _project_of_job(session, state))

    def _refuse(self, permission: Permission, project: str | None) -> NoReturn:
        named = project is not None and self._grants.sees(project)
        where = f" in project {project!r}" if named else ""
        raise AccessError(
            f"{self._caller.actor!r} may not {_spoken(self._operation)}{where}.",
            next_step=f"Ask an administrator for a role with {RIGHTS[permission].title!r}{where}.",
            details={"permission": permission},
        )


def _spoken(operation: str) -> str:
    """What somebody does by an operation; one that is called by what it tells is read."""
    verb, _, _ = operation.partition("_")
    return f"{'' if verb in _VERBS else 'read '}{operation.replace('_', ' ')}"


def _project_of_job(session: Session, state: JobState) -> str | None:
    """Project of what a job works on; None = of no single one, or of something that is gone."""
    if state.dataset_id is not None:
        found = (one.project for one in session.places.datasets() if one.dataset_id == state.dataset_id)
        return next(found, None)
    told = msgspec.json.decode(session.jobs.parameters(state.job_id))
    kinds: tuple[Placed, ...] = ("source", "bucket", "integration")
    for kind in kinds:
        if told.get(f"{kind}_id"):
            return session.places.project_of(kind, told[f"{kind}_id"])
    return None
