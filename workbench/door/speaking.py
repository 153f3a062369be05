"""The languages of a dataset in a notebook. What ``Dataset`` offers beside its other verbs."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from workbench.domain import DatasetId, Operations
from workbench.door.jobs import Job

if TYPE_CHECKING:
    import polars as pl


class Speaking:
    """Which languages there are, and translations for reading."""

    operations: Operations
    dataset_id: DatasetId

    def languages(self, *, find: bool = False, progress: bool = True) -> pl.DataFrame:
        """Messages by language as a frame: language, name, messages; None = not known.

        Parameters
        ----------
        find
            Look first at messages that came lately or changed their text; it happens by itself a moment after
            an import.
        """
        import polars as pl  # noqa: PLC0415

        if find:
            Job(self.operations, self.operations.start_languages(self.dataset_id)).wait(progress=progress)
        report = self.operations.languages(self.dataset_id)
        if report.warning:
            warnings.warn(report.warning, stacklevel=2)
        rows = [(one.language, one.name, one.n_messages) for one in report.counts]
        schema = {"language": pl.String, "name": pl.String, "messages": pl.Int64}
        return pl.DataFrame(rows, schema=schema, orient="row")

    def translate(self, *, progress: bool = True) -> dict[str, Any]:
        """Have what is in another language translated for reading; waits until done.

        Raises
        ------
        InputError
            No translator is configured, or no source asks for translations.
        """
        return Job(self.operations, self.operations.start_translate(self.dataset_id)).wait(progress=progress)
