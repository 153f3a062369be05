"""Model versions and how good they are."""

from __future__ import annotations

from typing import Any

from tests.contract.routes.bench import Bench
from tests.contract.routes.case import Bad, Lacks, Made, Route
from tests.contract.routes.datasets import READS, UNKNOWN
from tests.contract.routes.making import dataset_shared, trained
from tests.contract.routes.shapes import OK, mapping, maybe, moment, number, one_of, probability, some
from workbench.domain import DatasetId

_OF = "/api/_private/datasets/<o>/<d>/labellers"
_ONE = f"{_OF}/<v>"
_QUALITY = one_of("none", "poor", "average", "good", "excellent")
LABELLER = {
    "version": one_of(1, 2),
    "trained_time": moment,
    "validated": bool,
    "pinned": bool,
    "reviewed_counts": mapping(int),
    "used_by_triggers": [str],
    "settings": {"starred": bool, "description": str},
    "freshness": "fresh",
    "flags": [],
}
_TAG = {"name": one_of("live", "staging"), "version": int, "updated_at": moment}
_VALIDATION = {
    "version": one_of(1, 2),
    "trained_time": moment,
    "train_size": int,
    "test_size": int,
    "reviewed_size": 59,
    "mean_average_precision_safe": maybe(probability),
    "recalls": [probability],
    "mean_precision_curve_safe": [probability],
    "labels": mapping(
        {
            "train_size": int,
            "test_size": int,
            "reviewed_size": int,
            "average_precision": maybe(probability),
            "optimal_thresholds": mapping(probability),
            "health": number,
        }
    ),
    "model_rating": {
        "score": int,
        "quality": _QUALITY,
        "needs_refinement": bool,
        "factors": [{"name": str, "score": maybe(number), "quality": str, "weight": number}],
        "bins": [number],
    },
    "entities": {},
}
NO_VERSION = Bad(status=404, says="'99'", make=lambda _bench, made: made.put(at={**made.at, "v": "99"}))
_NO_WORD = Bad(status=404, says="'newest'", make=lambda _bench, made: made.put(at={**made.at, "v": "newest"}))


def there(bench: Bench) -> Made:
    """The dataset that has a version, and that version."""
    made, _ = trained(bench)
    return Made(at={"o": made.owner, "d": made.name, "v": "2"}, resource=made.key)


def _free(bench: Bench, *, pinned: bool = False) -> Made:
    made = there(bench)
    bench.there.pin_version(DatasetId(made.resource), 1, pinned)
    return made.put(at={**made.at, "v": "1"})


def _held(bench: Bench) -> Made:
    return _free(bench, pinned=True)


def _pinned(bench: Bench, made: Made, is_it: bool) -> None:
    told = bench.ok("POST", f"/api/_private/datasets/id:{made.resource}/labellers", {})
    assert told["labellers"][-1]["pinned"] is is_it


def _untrained(bench: Bench, made: Made) -> Made:
    other, _ = dataset_shared(bench)
    return made.put(at={**made.at, "o": other.owner, "d": other.name})


def _curve(_bench: Bench, _made: Made, told: Any) -> None:
    curve = told["label_validation"]
    assert len(curve["thresholds"]) == len(curve["precisions"]) == len(curve["recalls"]) > 0
    assert curve["thresholds"] == sorted(curve["thresholds"], reverse=True)
    assert curve["recalls"] == sorted(curve["recalls"])


def _validation(path: str, *bad: Bad) -> Route:
    return Route(
        method="GET",
        path=path,
        made=there,
        shape={
            **OK,
            "label_groups": [{"name": "default", "label_defs": some({"name": str})}],
            "validation": _VALIDATION,
        },
        bad=(UNKNOWN, Bad(status=404, says="no", make=_untrained), *bad),
        lacks=READS,
    )


ROUTES = (
    Route(
        method="POST",
        path=_OF,
        made=lambda bench: there(bench).put(body={}),
        shape={**OK, "labellers": some(LABELLER), "model_tags": [_TAG]},
        bad=(
            UNKNOWN,
            Bad(status=400, says="$.limit", body={"limit": 101}),
            Bad(status=400, says="unknown field `newest`", body={"newest": True}),
        ),
        lacks=READS,
    ),
    _validation(f"{_OF}/latest/validation"),
    _validation(f"{_ONE}/validation", NO_VERSION, _NO_WORD),
    Route(
        method="POST",
        path=f"{_ONE}/label-validation",
        made=lambda bench: there(bench).put(body={"label": "Parcel > Late"}),
        shape={
            **OK,
            "label_validation": {
                "thresholds": [probability],
                "precisions": [probability],
                "recalls": [probability],
            },
        },
        bad=(
            UNKNOWN,
            NO_VERSION,
            Bad(status=404, says="'Nothing'", body={"label": "Nothing"}),
            Bad(status=400, says="$.label", body={"label": ""}),
        ),
        lacks=READS,
        then=_curve,
    ),
    Route(
        method="PUT",
        path=f"{_ONE}/pin",
        made=_free,
        shape=OK,
        bad=(UNKNOWN, NO_VERSION, _NO_WORD),
        lacks=Lacks(who="viewer", says="'Model - Manage'"),
        then=lambda bench, made, _told: _pinned(bench, made, True),
    ),
    Route(
        method="DELETE",
        path=f"{_ONE}/pin",
        made=_held,
        shape=OK,
        bad=(UNKNOWN, NO_VERSION, _NO_WORD),
        lacks=Lacks(who="viewer", says="'Model - Manage'"),
        then=lambda bench, made, _told: _pinned(bench, made, False),
    ),
)
