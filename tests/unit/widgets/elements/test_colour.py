"""The palette keeps the promises of its docstring."""

from __future__ import annotations

import itertools

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.primitives.colour import NEUTRAL, PALETTE, colour_of

Matrix = npt.NDArray[np.float64]
TO_LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
SIGHTS = {
    "normal": (np.eye(3), 0.11),
    "protan": (
        np.array(
            [
                [0.152286, 1.052583, -0.204868],
                [0.114503, 0.786281, 0.099216],
                [-0.003882, -0.048116, 1.051998],
            ]
        ),
        0.059,
    ),
    "deutan": (
        np.array(
            [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
        ),
        0.059,
    ),
    "tritan": (
        np.array(
            [
                [1.255528, -0.076749, -0.178779],
                [-0.078411, 0.930809, 0.147602],
                [0.004733, 0.691367, 0.303900],
            ]
        ),
        0.059,
    ),
}


def linear(colours: tuple[str, ...]) -> Matrix:
    rgb = np.array([[int(c[i : i + 2], 16) / 255 for i in (1, 3, 5)] for c in colours])
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


@pytest.mark.parametrize("sight", SIGHTS)
def test_any_two_colours_stay_apart(sight: str) -> None:
    matrix, least = SIGHTS[sight]
    lab = np.cbrt(np.clip(np.clip(linear(PALETTE) @ matrix.T, 0, 1) @ TO_LMS.T, 0, None)) @ TO_LAB.T
    assert min(float(np.linalg.norm(a - b)) for a, b in itertools.combinations(lab, 2)) >= least


@pytest.mark.parametrize("page", ["#ffffff", "#14181e"])
def test_every_colour_is_seen_on_the_page(page: str) -> None:
    weights = np.array([0.2126, 0.7152, 0.0722])
    colour, ground = linear(PALETTE) @ weights, (linear((page,)) @ weights)[0]
    assert np.min((np.maximum(colour, ground) + 0.05) / (np.minimum(colour, ground) + 0.05)) >= 3.0


@given(st.text(min_size=1))
def test_an_id_keeps_its_colour(identifier: str) -> None:
    assert colour_of(identifier) == colour_of(identifier)
    assert colour_of(identifier) in PALETTE


def test_colours_are_pinned_and_all_used() -> None:
    assert colour_of("") == NEUTRAL
    assert (
        colour_of("0123456789abcdef")
        == PALETTE[[colour_of("0123456789abcdef") == c for c in PALETTE].index(True)]
    )
    assert {colour_of(f"{i:016x}") for i in range(200)} == set(PALETTE)
