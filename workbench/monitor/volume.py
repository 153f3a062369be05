"""The test of volume: whether more or fewer messages come in than before."""

from __future__ import annotations

import numpy as np

from workbench.monitor.panel import Outcome
from workbench.monitor.windows import WindowData

LEAST_VOLUME_CHANGE = 0.2
"""A change of volume is material from a fifth of the usual on."""

FEWEST_WEEKS = 6
"""Below this many whole weeks in the reference it is not known how much weeks differ by themselves."""


def volume(reference: WindowData, window: WindowData) -> Outcome | None:
    """Messages per week, now against before; None where the parts do not say how many came in enough weeks.

    Student's t of the weekly counts' square roots, which vary alike whatever their size (Anscombe 1948); the variance is
    that of weeks within the two parts, and no less than that of counts that come by chance (Poisson). Weeks differ by
    more than chance, so they, not messages, are what is counted. ``effect`` is the change as a share of the
    reference's mean.
    """
    if len(reference.weekly) < FEWEST_WEEKS or not window.weekly:
        return None
    from scipy.special import stdtr  # noqa: PLC0415 - heavy

    before, now = (np.asarray(part.weekly, dtype=np.float64) for part in (reference, window))
    roots = [2 * np.sqrt(counts + 3 / 8) for counts in (before, now)]
    freedom = len(before) + len(now) - 2
    squares = sum(float(((root - root.mean()) ** 2).sum()) for root in roots)
    variance = max(1.0, squares / freedom)
    spread = (variance * (1 / len(before) + 1 / len(now))) ** 0.5
    t = abs(float(roots[1].mean() - roots[0].mean())) / spread
    return Outcome(
        name="volume",
        statistic=t,
        p_value=float(min(1.0, 2 * stdtr(freedom, -t))),
        effect=float((now.mean() - before.mean()) / max(before.mean(), 1.0)),
        effect_unit="share of the usual volume",
        least_effect=LEAST_VOLUME_CHANGE,
    )
