"""Shares of counted things."""

from __future__ import annotations

import math

Z95 = 1.959963984540054
"""Standard deviations of a 95 % interval of the normal distribution."""


def wilson(share: float, n: float, z: float = Z95) -> tuple[float, float]:
    """Wilson's score interval of a share in [0, 1] (Wilson 1927); (0, 1) for n = 0."""
    if n <= 0:
        return 0.0, 1.0
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(max(0.0, share * (1 - share)) / n + z * z / (4 * n * n))
    return max(0.0, centre - half), min(1.0, centre + half)
