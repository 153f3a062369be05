"""Labels as the rows that chips are drawn from."""

from __future__ import annotations

from workbench.domain import DatasetId, Label, LabelId
from workbench.widgets.panels.rows import taxonomy_rows


def test_a_chip_knows_whether_its_label_speaks_from_its_name() -> None:
    labels = [
        Label(
            label_id=LabelId(f"l{place}"), dataset_id=DatasetId("d"), path=("A", f"{place}"), zero_shot=share
        )
        for place, share in enumerate((1.0, 0.5, 0.2, 0.0))
    ]
    rows = taxonomy_rows(labels)
    assert [row["named"] for row in rows] == [True, True, False, False]
    assert rows[0]["path"] == "A > 0"
