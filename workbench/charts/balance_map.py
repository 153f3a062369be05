"""Where on the map the reviewed messages are too few or too many."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np

from workbench.charts.display import Chart
from workbench.charts.drawings import Axis, Plot, Points, Shape
from workbench.charts.words import count, percent
from workbench.domain import MapData

Verdict = Literal["too few", "as expected", "too many"]
_LOOKS: dict[Verdict, tuple[Shape, str]] = {
    "as expected": ("circle", "neutral"),
    "too few": ("triangle", "warn"),
    "too many": ("diamond", "info"),
}
_REVIEWED_PER_CELL = 10
_FEWEST_SIDES, _MOST_SIDES = 4, 24
_RATE = 0.05


def balance_map(points: MapData | None, *, dataset_id: str = "") -> Chart:
    """Squares of the map by how many of their messages are reviewed.

    The map is cut into squares, so many that about 10 reviewed messages would fall into each. A square is marked when
    random reviewing would leave it with so few (or so many) in less than 5 % of cases in which *any* square is marked:
    binomial tails, Bonferroni-corrected over the squares. Drawing without replacement varies less, so that the rate is
    an upper bound.

    Parameters
    ----------
    points
        The map, None before there is one; messages that came later are not on it.
    dataset_id
        For ``query``.
    """
    cells = _cells(points) if points is not None and len(points.uids) else []
    n = 0 if points is None else len(points.uids)
    n_reviewed = 0 if points is None else int(np.count_nonzero(points.reviewed))
    marked = sum(verdict != "as expected" for *_, verdict in cells)
    kinds = []
    for kind, (shape, colour) in _LOOKS.items():
        mine = [cell for cell in cells if cell[-1] == kind]
        if mine:
            kinds.append(
                Points(
                    name=f"{kind} reviewed",
                    x=tuple(x for x, *_ in mine),
                    y=tuple(y for _, y, *_ in mine),
                    texts=tuple(
                        f"{count(here)} of {count(total)} messages reviewed; {expected:.1f} expected"
                        for _, _, total, here, expected, _ in mine
                    ),
                    shape=shape,
                    colour=colour,
                )
            )
    return Chart(
        title="Reviewed messages on the map",
        caption=(
            f"{count(marked)} of {count(len(cells))} squares have too few or too many; n = {count(n_reviewed)} reviewed of "
            f"{count(n)} messages on the map. With random reviewing any square is marked in at most {percent(_RATE)} of cases."
        ),
        columns={
            "x": [cell[0] for cell in cells],
            "y": [cell[1] for cell in cells],
            "n": [cell[2] for cell in cells],
            "n_reviewed": [cell[3] for cell in cells],
            "expected": [cell[4] for cell in cells],
            "verdict": [cell[5] for cell in cells],
        },
        types={
            "x": "Float64",
            "y": "Float64",
            "n": "Int64",
            "n_reviewed": "Int64",
            "expected": "Float64",
            "verdict": "String",
        },
        line=f"charts.balance_map(ws.operations.map_data({dataset_id!r}), dataset_id={dataset_id!r})",
        drawing=Plot(
            x=Axis(title="Map, left to right"),
            y=Axis(title="Map, bottom to top"),
            points=tuple(kinds),
            legend=True,
        ),
    )


def _cells(points: MapData) -> list[tuple[float, float, int, int, float, Verdict]]:
    """Middle of its messages, messages, reviewed ones, expected ones and verdict of each square that is not empty."""
    from scipy.special import bdtr, bdtrc  # noqa: PLC0415  loaded when a map is drawn

    xy = np.asarray(points.xy, dtype=np.float64)
    reviewed = np.asarray(points.reviewed, dtype=bool)
    n_reviewed = int(reviewed.sum())
    n_sides = int(np.clip(math.sqrt(n_reviewed / _REVIEWED_PER_CELL), _FEWEST_SIDES, _MOST_SIDES))
    low, high = xy.min(axis=0), xy.max(axis=0)
    place = np.minimum((xy - low) / np.maximum(high - low, 1e-9) * n_sides, n_sides - 1).astype(np.int64)
    square = place[:, 1] * n_sides + place[:, 0]
    totals = np.bincount(square, minlength=n_sides * n_sides)
    here = np.bincount(square[reviewed], minlength=n_sides * n_sides)
    used = np.flatnonzero(totals)
    share = totals[used] / len(xy)
    limit = _RATE / 2 / len(used)
    too_few = bdtr(here[used], n_reviewed, share) < limit
    too_many = np.where(here[used] > 0, bdtrc(here[used] - 1, n_reviewed, share), 1.0) < limit
    verdicts: list[Verdict] = [
        "too few" if few else "too many" if many else "as expected"
        for few, many in zip(too_few, too_many, strict=True)
    ]
    middles = [
        np.bincount(square, weights=xy[:, axis], minlength=len(totals))[used] / totals[used]
        for axis in (0, 1)
    ]
    return [
        (float(x), float(y), int(totals[at]), int(here[at]), float(n_reviewed * part), verdict)
        for x, y, at, part, verdict in zip(*middles, used, share, verdicts, strict=True)
    ]
