"""The form in which a language's words for "no image came" are written down."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Lexicon:
    """One language: regular expressions over text that `claims` has folded (lower case, Latin letters without accents,
    straight apostrophes, single blanks).

    `claim` is what says that no image came. `request` asks for one, and is a claim too unless something in the answer
    tells that an image was `seen`, in bad shape. Both are undone by `taken_back` before them in their sentence: a
    locative ("in the image"), a condition, a denial, a report of what the image says.

    What may stand between an absence and its noun, and after them, is a closed list: an unknown word there means that
    something else is denied ("no image *defects*"). Every repetition is bounded, so that matching stays linear.
    """

    claim: re.Pattern[str]
    request: re.Pattern[str]
    taken_back: re.Pattern[str]
    seen: re.Pattern[str]


def compiled(*, claim: str, request: str, taken_back: str, seen: str) -> Lexicon:
    """The lexicon of these expressions."""
    return Lexicon(re.compile(claim), re.compile(request), re.compile(taken_back), re.compile(seen))


def any_of(table: str) -> str:
    """One expression for a table: each line holds alternatives with `|` between them, its outer blanks do not count."""
    return f"(?:{'|'.join(line.strip() for line in table.strip().splitlines())})"


STOP = r"[ ]?(?:$|\n|'(?!\w)|[^\w\s'&%+=\-(])"
"""The end of a phrase: the answer's, or a mark that is not part of a compound or a bracket."""

_READ = any_of(r"""
    code|letters?|characters?|digits?|numbers?|symbols?|colou?rs?|codigo|letras|caracteres|numeros|colores|cores
    lettres|chiffres|couleurs|buchstaben|zeichen|ziffern|zahlen|farben|код|буквы|text(?=: ?\w)|цифры|символы
    \w{0,8}\d\w{0,8}
""")
_INSTEAD = any_of(rf"""
    ,? (?:only|just|nothing but|nur|solo|solamente|seulement|juste|apenas|somente|только|лишь) (?:\w{{1,5}} )?{_READ}\b
    ,? (?:(?:or|and|nor) )?(?:any )?(?:text|words?|letters?|symbols?|numbers?|objects?|shapes?|people)\b
""")
"""What shows that the absent picture is one within the image: something else was read there."""


def then(after: str) -> str:
    """A look ahead: the phrase ends here, or one of the words of `after` follows."""
    return rf"(?!\w|{_INSTEAD})(?={STOP}| (?:{after})(?!\w))"


def lacking(absent: str, between: str, noun: str, after: str) -> str:
    """Absence or inability, with an image noun as its object."""
    return rf"(?<!\w)(?<!\w')(?:{absent}) (?:(?:{between}) ){{0,5}}(?:{noun}){then(after)}"


def failing(noun: str, missing: str, rest: str) -> str:
    """An image noun that did not come."""
    return rf"(?<!\w)(?<!\w')(?:{noun})(?!\w):? (?:{missing}){then(rest)}"
