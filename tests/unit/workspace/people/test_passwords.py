"""What may be a password, and its hashes."""

from __future__ import annotations

import pytest

from workbench.errors import InputError, SignInError
from workbench.settings import Settings
from workbench.workspace.people.passwords import Hasher, check_password, hasher_of

GUESSED = (
    "password1234",
    "Passw0rd!2024",
    "qwertyuiop123",
    "annannannann12",
    "aaaaaaaaaaaa",
    "123456789012",
    "iloveyou2024!!",
    "buyerann2026",
    "zyxwvutsrqponm",
)


@pytest.mark.parametrize("password", GUESSED)
def test_what_is_guessed_first_is_refused_and_not_repeated(password: str) -> None:
    with pytest.raises(InputError, match="guessed first") as caught:
        check_password(password, name="ann", email="ann@buyer.example")
    assert password not in str(caught.value) + repr(caught.value.details)


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery",
        "correcthorsebatterystaple",
        "vX9#kq2LmPz!",
        "über die Brücke gehn",
        "ännchenvontharau",
    ],
)
def test_long_ones_of_any_characters_are_taken(password: str) -> None:
    check_password(password, name="ann", email="ann@buyer.example")


@pytest.mark.parametrize(("password", "n"), [("vX9#kq2LmPz", "11"), ("vX9#kq2LmPz!" * 22, "264")])
def test_length_is_bounded(password: str, n: str) -> None:
    with pytest.raises(InputError, match=f"the password has {n} characters; 12 to 256 are needed"):
        check_password(password)


def test_a_hash_fits_its_password_alone_however_it_is_typed() -> None:
    hasher = Hasher(memory_kib=8, passes=1)
    made = hasher.hash("caf\u00e9 under the oak")
    assert made.startswith("$argon2id$v=19$m=8,t=1,p=1$")
    assert made != hasher.hash("caf\u00e9 under the oak")
    assert hasher.fits("cafe\u0301 under the oak", made)
    assert not hasher.fits("cafe under the oak", made)
    assert not hasher.fits("caf\u00e9 under the oak", None)
    assert not hasher.fits("caf\u00e9 under the oak", "no hash")


def test_a_hash_of_weaker_parameters_is_told_apart() -> None:
    made = Hasher(memory_kib=8, passes=1).hash("x")
    assert Hasher(memory_kib=16, passes=1).is_weak(made)
    assert Hasher(memory_kib=8, passes=2).is_weak(made)
    assert not Hasher(memory_kib=8, passes=1).is_weak(made)


def test_the_defaults_are_those_of_the_documents() -> None:
    made = hasher_of(Settings()).hash("x")
    assert made.startswith("$argon2id$v=19$m=65536,t=3,p=1$")
    assert hasher_of(Settings()) is hasher_of(Settings())


def test_more_than_eight_at_once_are_asked_to_come_again() -> None:
    hasher = Hasher(memory_kib=8, passes=1)
    made = hasher.hash("x")
    assert not hasher.fits("y", made)
    for _ in range(8):
        hasher._line.acquire()
    with pytest.raises(SignInError, match="more than 8 people sign in at this moment") as caught:
        hasher.fits("x", made)
    assert caught.value.details == {"reason": "busy"}
    hasher._line.release()
    assert hasher.fits("x", made)
