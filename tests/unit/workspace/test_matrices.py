"""Derived files: the ones asked for are there, however many others are newer."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tests.stores import AT, DATASET, SOURCE, batch, lay_out, message
from workbench.errors import ModelError
from workbench.store import Store
from workbench.workspace.matrices import dataset_matrices, newest_vectors, read_table


def test_files_in_use_outlive_newer_ones(tmp_path: Path) -> None:
    with Store.open(tmp_path / "m.duckdb", n_threads=1) as store:
        with store.write() as session:
            lay_out(session)
            session.messages.put(SOURCE, batch(*(message(str(i)) for i in range(5))), at=AT)
        workspace: Any = SimpleNamespace(folder=tmp_path / "m.duckdb.workbench", store=store)
        with pytest.raises(ModelError, match="5 messages have no vector"):
            dataset_matrices(workspace, DATASET, "e1")
        with store.write() as session:
            texts = session.messages.texts_without_vector(DATASET, "e1")
            vectors = np.arange(10, dtype=np.float32).reshape(5, 2)
            session.embeddings.put("e1", texts["text_hash"].to_pylist(), vectors)
        made = dataset_matrices(workspace, DATASET, "e1")
        for path in (made.vectors, made.texts):
            os.utime(path, (1, 1))
        for number in range(9):  # what other datasets, and workers, leave
            (made.vectors.parent / f"other-{number}.npz").touch()
        again = dataset_matrices(workspace, DATASET, "e1")
        assert again == made
        assert np.load(again.vectors).tolist() == vectors.tolist()
        assert read_table(again.texts).num_rows == again.n_rows == 5
        assert len(list(made.vectors.parent.iterdir())) == 6
        found = newest_vectors(workspace, DATASET, n_rows=5)
        assert found is not None
        assert newest_vectors(workspace, DATASET, n_rows=4) is None
