"""Under what an address counts where one may try something only so often."""

from __future__ import annotations

import pytest

from workbench.primitives import address_group


@pytest.mark.parametrize(
    ("address", "group"),
    [
        ("10.0.0.9", "10.0.0.9"),
        ("::ffff:10.0.0.9", "10.0.0.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::", "2001:db8:1:3::/64"),
        ("::1", "::/64"),
        ("unix", "unknown"),
        ("", "unknown"),
        ("10.0.0.9:80", "unknown"),
    ],
)
def test_an_address_counts_with_what_one_visitor_holds(address: str, group: str) -> None:
    assert address_group(address) == group
