"""``workbench comments``: comments as the clients of this field write and read them, one a line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

import workbench as wb
from workbench.cli.arguments import File, Where
from workbench.cli.commented import checked_comment, checked_labelling, shown_lines, take_labelling
from workbench.cli.consent import NoCharge, Yes, consent
from workbench.cli.lines import Lines, Outcome, Resume, Target, bring, tell, tell_written, write_lines
from workbench.cli.opening import opened
from workbench.cli.pairs import comments_of_pairs
from workbench.cli.printing import Output, OutputOption
from workbench.cli.requesting import request
from workbench.domain import SourceId, filter_from_query
from workbench.door import Dataset
from workbench.errors import InputError, UnknownNameError

comments = typer.Typer(
    help="Comments in this field's JSONL: import, export; and pairs of text and label.", no_args_is_help=True
)
PAGE = 256
SourceName = Annotated[str, typer.Option("--source", help="project/name of the source.")]
Annotate = Annotated[
    str, typer.Option(help="Dataset (project/name) that takes what the lines say of labels.")
]


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    comments.command("import")(read)
    comments.command("export")(write)
    comments.command("import-pairs")(read_pairs)
    app.add_typer(comments, name="comments")


def read(
    file: File,
    lines: Lines,
    *,
    source: SourceName,
    annotate: Annotate = "",
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Write over comments that are there with another content.")
    ] = False,
    resume: Resume = False,
    yes: Yes = False,
    no_charge: NoCharge = False,
    output: OutputOption = Output.TEXT,
) -> None:
    """Import comments, one a line; the source is made when there is none. Units are charged per new or changed text.

    Without --resume-on-error every line is read before the first goes in, and a bad one is refused by its number.
    """
    workspace = opened(file, must_exist=True)
    taker = Taker(workspace, source, annotate, overwrite=overwrite, no_charge=no_charge)
    outcome = bring(
        lines,
        noun="comment",
        check=taker.check,
        take=taker.take,
        agree=consent(workspace.operations, "sync", yes=yes, no_charge=no_charge),
        resume=resume,
    )
    tell(output, taker.noted(outcome))


def read_pairs(
    file: File,
    pairs: Annotated[Path, typer.Argument(help="CSV with the header input,target.")],
    *,
    source: SourceName,
    annotate: Annotate,
    yes: Yes = False,
    no_charge: NoCharge = False,
    resume: Resume = False,
    output: OutputOption = Output.TEXT,
) -> None:
    """Import a CSV of pairs: input is the text, target the label that applies, the number of the row the id."""
    workspace = opened(file, must_exist=True)
    taker = Taker(workspace, source, annotate, overwrite=True, no_charge=no_charge)
    with comments_of_pairs(pairs) as lines:
        outcome = bring(
            str(lines),
            noun="row",
            check=taker.check,
            take=taker.take,
            agree=consent(workspace.operations, "sync", yes=yes, no_charge=no_charge),
            resume=resume,
        )
    tell(output, taker.noted(outcome))


def write(
    file: File,
    target: Target,
    *,
    source: Annotated[str, typer.Option(help="All comments of this source (project/name).")] = "",
    dataset: Annotated[
        str, typer.Option(help="Comments of this dataset, with what people say of them.")
    ] = "",
    predictions: Annotated[
        bool, typer.Option("--predictions", help="With what the newest model says, from a dataset.")
    ] = False,
    where: Where = "",
    output: OutputOption = Output.TEXT,
) -> None:
    """Export comments, one a line, as 'comments import' takes them; of a dataset with their labelling."""
    if bool(source) == bool(dataset):
        raise InputError(
            "comments are exported either of a source or of a dataset.",
            next_step="Give --source, or --dataset to have annotations with them.",
        )
    if source and (predictions or where):
        raise InputError(
            "a source has no predictions and no filter.", next_step="Name the dataset instead: --dataset."
        )
    workspace = opened(file, must_exist=True)
    if source:
        told = workspace.operations.source(source)
        n_written = write_lines(
            target, _of_source(workspace, source), total=told.n_messages or None, label="exporting"
        )
    else:
        found = workspace.dataset(dataset)
        asked = filter_from_query(where)
        n_written = write_lines(
            target,
            shown_lines(found, asked, predictions=predictions),
            total=found.operations.count_messages(found.dataset_id, asked),
            label="exporting",
        )
    tell_written(output, target, n_written, "comments")


def _of_source(workspace: wb.Workspace, name: str) -> Iterator[Mapping[str, Any]]:
    from workbench.api.routes.comments import ENDPOINTS  # noqa: PLC0415 - other commands start faster

    after: str | None = None
    while True:
        query: dict[str, Any] = {"limit": PAGE, "include_markup": True} | ({"after": after} if after else {})
        page = request(
            workspace.operations,
            ENDPOINTS,
            "GET",
            "/api/_private/sources/{source}/comments",
            query=query,
            source=name,
        )
        yield from ({"comment": one} for one in page["comments"])
        after = page["continuation"]
        if not after:
            return


class Taker:
    """Brings comments, and what is said of them, in."""

    def __init__(
        self, workspace: wb.Workspace, source: str, annotate: str, *, overwrite: bool, no_charge: bool
    ) -> None:
        self._workspace = workspace
        self._source = source
        self._dataset: Dataset | None = workspace.dataset(annotate) if annotate else None
        self._overwrite = overwrite
        self._no_charge = no_charge
        self._source_id: SourceId | None = None
        self._seen: dict[str, int] = {}
        self._round = 0
        self._n_left_out: set[str] = set()

    def check(self, line: dict[str, Any]) -> dict[str, Any]:
        """A line as it goes in; raises for one that cannot be, or whose id an earlier one has."""
        comment, labelling = checked_comment(line), checked_labelling(line)
        if labelling and self._dataset is None:
            self._n_left_out.add(comment["id"])
        return {"comment": comment, "labelling": labelling}

    def take(self, some: Sequence[dict[str, Any]]) -> None:
        """Upload some together, then say what stands on each."""
        from workbench.api.routes.comments import ENDPOINTS  # noqa: PLC0415 - other commands start faster

        ids = [one["comment"]["id"] for one in some]
        twice = next((one for one in ids if one in self._seen or ids.count(one) > 1), None)
        if twice is not None and (len(some) > 1 or twice in self._seen):
            raise InputError(
                f"Duplicate comments with id {twice[:100]!r}.",
                next_step="Give each comment an id of its own.",
            )
        source_id = self._home()
        method, path = (
            ("POST", "/api/v1/sources/{source}/sync")
            if self._overwrite
            else ("PUT", "/api/_private/sources/{source}/comments")
        )
        request(
            self._workspace.operations,
            ENDPOINTS,
            method,
            path,
            body={"comments": [one["comment"] for one in some]},
            query={"no_charge": self._no_charge},
            source=self._source,
        )
        if self._dataset is not None:
            for one in some:
                self._annotate(self._dataset, source_id, one)
        self._seen.update(dict.fromkeys(ids, 0))

    def _annotate(self, dataset: Dataset, source_id: SourceId, one: dict[str, Any]) -> None:
        if not one["labelling"]:
            return
        try:
            take_labelling(dataset, source_id, one["comment"]["id"], one["labelling"])
        except (InputError, UnknownNameError) as error:
            raise InputError(
                f"the comment is in, its annotations are not: {error.message}", next_step=error.next_step
            ) from None

    def noted(self, outcome: Outcome) -> Outcome:
        """With what did not come along."""
        if self._n_left_out:
            outcome.notes.append(
                f"what {len(self._n_left_out):,} comments say of labels was left out; --annotate takes it"
            )
        return outcome

    def _home(self) -> SourceId:
        if self._source_id is None:
            self._source_id = home_source(self._workspace, self._source)
        return self._source_id


def home_source(workspace: wb.Workspace, name: str) -> SourceId:
    """The source of a name, made when there is none."""
    for one in workspace.operations.sources():
        if one.full_name == name:
            return one.source_id
    project, _, short = name.partition("/")
    if not project or not short:
        raise InputError(
            f"source {name[:100]!r} is not of the form 'project/name'.", next_step="Write 'demo/mail'."
        )
    return workspace.operations.create_source(project, short).source_id
