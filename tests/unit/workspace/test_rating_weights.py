"""The weights of the rating: from the settings into the versions trained since, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from tests.contract.test_versions import reviewed_dataset, train
from workbench.domain import FactorName, ValidationReport
from workbench.errors import InputError
from workbench.evaluate import WEIGHTS
from workbench.settings import Settings, load_settings
from workbench.workspace.opening import open_workspace


def weights_of(report: ValidationReport) -> dict[str, float]:
    return {factor.name: factor.weight for factor in report.rating.factors}


def test_the_settings_begin_with_the_published_weights() -> None:
    settings = Settings()
    assert {name: getattr(settings, f"rating_weight_{name}") for name in get_args(FactorName)} == WEIGHTS


def test_file_then_environment_then_argument(tmp_path: Path) -> None:
    (tmp_path / "workbench.toml").write_text("rating_weight_balance = 1\nrating_weight_coverage = 1\n")
    environ = {"WORKBENCH_RATING_WEIGHT_COVERAGE": "2", "WORKBENCH_RATING_WEIGHT_ALL_LABELS": "2"}
    found = load_settings(tmp_path / "w.duckdb", environ, rating_weight_all_labels=3.0)
    assert (found.rating_weight_balance, found.rating_weight_coverage, found.rating_weight_all_labels) == (
        1,
        2,
        3,
    )


@pytest.mark.parametrize("text", ["-0.1", "nan", "inf", "-inf"])
def test_what_is_no_weight_is_refused_by_its_name_and_value(text: str) -> None:
    with pytest.raises(InputError) as caught:
        load_settings(None, {"WORKBENCH_RATING_WEIGHT_BALANCE": text})
    assert str(caught.value) == (
        f"setting 'rating_weight_balance' is {text}, which is no weight. "
        "Give a number of 0 or more; 0 = it does not count."
    )
    with pytest.raises(InputError, match="'rating_weight_balance' must be float, got 'much'"):
        load_settings(None, {"WORKBENCH_RATING_WEIGHT_BALANCE": "much"})


def test_one_weight_at_least_is_above_0() -> None:
    nothing = {f"rating_weight_{name}": 0.0 for name in get_args(FactorName)}
    with pytest.raises(
        InputError, match=r"all weights of the rating are 0: .*rating_weight_balance.* Give one"
    ):
        load_settings(None, {}, **nothing)
    assert load_settings(None, {}, **{**nothing, "rating_weight_balance": 0.1}).rating_weight_balance == 0.1


def test_a_version_keeps_the_weights_it_was_rated_by(tmp_path: Path) -> None:
    plain = Settings(encoder="hash-test", fast_encoder="", retrain_after_reviews=0)
    with open_workspace(tmp_path / "w.duckdb", settings=plain) as opened:
        did = reviewed_dataset(opened.operations("ann"))
        train(opened.operations("ann"), did)
    other = Settings(
        encoder="hash-test", fast_encoder="", retrain_after_reviews=0, rating_weight_balance=0.0, n_threads=1
    )
    with open_workspace(tmp_path / "w.duckdb", settings=other) as opened:
        operations = opened.operations("ann")
        train(operations, did)
        assert weights_of(operations.validation(did, 1)) == pytest.approx(dict(WEIGHTS))
        assert weights_of(operations.validation(did, 2)) == pytest.approx(
            {
                "all_labels": 0.4,
                "underperforming_labels": 0.2 / 0.75,
                "coverage": 0.25 / 0.75,
                "balance": 0.0,
            }
        )
