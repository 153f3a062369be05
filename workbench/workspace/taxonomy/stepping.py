"""One change of a taxonomy: worked out in one place, so that a dry run says what the change does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from workbench.domain import (
    Dataset,
    DatasetId,
    LabelId,
    MessageChange,
    TaxonomyAction,
    TaxonomyReport,
    Tree,
    TreeChange,
    Uid,
    label_effects,
)
from workbench.store import Session
from workbench.workspace.context import Caller
from workbench.workspace.quota_checks import check_quota


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is to be done.

    Attributes
    ----------
    exact
        Messages whose outcome is known: those that an undo brings back.
    came_from
        Labels that a split makes, and the label each is split off.
    judged
        Of an undo: messages that somebody judged since. The others stand as they did before the step and keep what
        stands on them, though the tree alone could not tell what was said of them. None = all follow the tree.
    undoes, n_kept
        The step that is taken back; messages that it changed and somebody judged since.
    """

    action: TaxonomyAction
    summary: str
    change: TreeChange
    retrains: bool = True
    exact: tuple[MessageChange, ...] = ()
    came_from: Mapping[LabelId, LabelId] = field(default_factory=dict)
    judged: frozenset[Uid] | None = None
    undoes: str | None = None
    n_kept: int = 0


Planner = Callable[[Session, Dataset, Tree], Plan]


def step(
    caller: Caller, dataset_id: DatasetId, planner: Planner, *, action: TaxonomyAction, dry_run: bool
) -> TaxonomyReport:
    """Plan a change, and carry it out unless it is a dry run or changes nothing.

    The same call again, after its reply was lost, answers what it did then.
    """
    if dry_run:
        with caller.store.read() as session:
            dataset = session.catalog.find_dataset(dataset_id)
            plan = planner(session, dataset, _tree(session, dataset.dataset_id))
            return _report(session, dataset, plan, _messages(session, dataset.dataset_id, plan))
    step_id = caller.made_id(f"taxonomy {action}")
    with caller.store.write() as session:
        done = session.taxonomies.report(step_id)
        if done is not None:
            return done
        dataset = session.catalog.find_dataset(dataset_id)
        plan = planner(session, dataset, _tree(session, dataset.dataset_id))
        before, after = plan.change.before, plan.change.after
        if len(after.nodes) > len(before.nodes):
            where = f"dataset {dataset.full_name!r}"
            check_quota(caller, session, "labels_per_dataset", len(after.nodes), where)
        messages = _messages(session, dataset.dataset_id, plan)
        report = _report(session, dataset, plan, messages, step_id=step_id)
        if not report.labels and plan.undoes is None:
            return _report(session, dataset, plan, messages)
        at = caller.workspace.clock()
        session.taxonomies.put_tree(dataset.dataset_id, before, after)
        session.taxonomies.put_messages(
            dataset.dataset_id, messages, step_id=step_id, actor=caller.actor, at=at
        )
        for from_id, into_id in plan.change.became.items():
            session.overlaps.follow_merge(dataset.dataset_id, from_id, into_id)
        session.taxonomies.add_step(
            report,
            before=before,
            after=after,
            came_from=plan.came_from,
            became=plan.change.became,
            actor=caller.actor,
            at=at,
            undoes=plan.undoes,
        )
        caller.audit(
            session,
            f"taxonomy_{plan.action}",
            dataset.full_name,
            dataset_id=dataset.dataset_id,
            step_id=step_id,
            summary=plan.summary,
            n_messages=report.n_messages,
        )
    caller.tell(
        "taxonomy", step_id, dataset_id=dataset.dataset_id, action=plan.action, n_messages=report.n_messages
    )
    return report


def _tree(session: Session, dataset_id: DatasetId) -> Tree:
    return Tree.of(session.labels.all(dataset_id, counted=False))


def _messages(session: Session, dataset_id: DatasetId, plan: Plan) -> tuple[MessageChange, ...]:
    known, judged = {one.uid for one in plan.exact}, plan.judged
    carried = session.taxonomies.carriers(dataset_id, plan.change.touched())
    follow = (one for one in carried if one.uid not in known and (judged is None or one.uid in judged))
    exact = tuple(one for one in plan.exact if one.after != one.before)
    return exact + plan.change.apply(follow)


def _report(
    session: Session,
    dataset: Dataset,
    plan: Plan,
    messages: tuple[MessageChange, ...],
    step_id: str | None = None,
) -> TaxonomyReport:
    change = plan.change
    effects = label_effects(change.before, change.after, messages)
    return TaxonomyReport(
        dataset_id=dataset.dataset_id,
        action=plan.action,
        summary=plan.summary,
        step_id=step_id,
        labels=effects,
        n_messages=len(messages),
        n_assigned=sum(one.before.assigned != one.after.assigned for one in messages),
        n_dismissed=sum(one.before.dismissed != one.after.dismissed for one in messages),
        n_emptied=sum(
            one.before.reviewed and bool(one.before.assigned) and not one.after.assigned for one in messages
        ),
        n_kept=plan.n_kept,
        versions=session.taxonomies.knowing(dataset.dataset_id, [one.label_id for one in effects]),
        retrains=plan.retrains and bool(effects),
        warnings=change.after.deep([one.label_id for one in effects if one.before != one.after]),
    )
