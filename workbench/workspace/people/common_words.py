"""What passwords are mostly made of: words that are guessed first. Lower case; rows of keys are told apart by rule."""

from __future__ import annotations

_WORDS = """
abcdefgh access account admin administrator amazon america andrea andrew angel animal anthony apple arsenal
asdfgh asshole austin azerty banana baseball basketball batman beautiful benutzer berlin biteme blink
bonjour brandon buster butterfly changeit changeme charlie cheese chelsea chester chicago chocolate
christian company computer cookie corvette cowboys daniel default demo diamond dolphin donald dragon
einstein enter estrella facebook falcon family ferrari flower football forever freedom friend friends
fuckyou gandalf geheim george ginger google guest hallo hannah harley heaven hello hockey hunter iloveyou
internet jasmine jennifer jessica jesus jordan jupyter justin killer kitty laptop letmein liverpool login
london lovely loveme lover maggie manager marina martin master matrix matthew mercedes merlin michael
michelle midnight minecraft monday monkey motdepasse mother mustang myspace naruto nicole ninja nothing
office oliver orange pass passport passwd password passwort peanut pepper phoenix pokemon porsche princess
purple qazwsx qwerty qwertz rainbow ranger robert rockyou root samantha samsung secret secure security
server service shadow silver simple snoopy soccer sommer spider startup starwars student summer sunday
sunshine superman support system teacher temp temporary test tester testing thomas tigger tinkerbell trustno
user username victoria voila welcome whatever william willkommen windows winter wizard workbench yankees
yellow
"""

COMMON_WORDS = tuple(sorted(_WORDS.split(), key=lambda word: (-len(word), word)))
"""Longest first, so that what contains another is taken out whole."""

KEY_ROWS = (
    "qwertyuiop",
    "qwertzuiop",
    "azertyuiop",
    "asdfghjkl",
    "yxcvbnm",
    "zxcvbnm",
    "0123456789",
    "abcdefghijklmnopqrstuvwxyz",
)
"""Rows of keys and series; a run of four from one, forwards or backwards, counts as nothing."""
