"""The words by which an answer says that no image came, as data: a file a language, read by `core.claims`."""

from __future__ import annotations

from monitor.core.phrases.chinese import CHINESE
from monitor.core.phrases.english import ENGLISH
from monitor.core.phrases.french import FRENCH
from monitor.core.phrases.german import GERMAN
from monitor.core.phrases.japanese import JAPANESE
from monitor.core.phrases.korean import KOREAN
from monitor.core.phrases.lexicon import Lexicon
from monitor.core.phrases.portuguese import PORTUGUESE
from monitor.core.phrases.russian import RUSSIAN
from monitor.core.phrases.spanish import SPANISH

LEXICONS: tuple[Lexicon, ...] = (ENGLISH, CHINESE, JAPANESE, KOREAN, SPANISH, FRENCH, GERMAN, PORTUGUESE, RUSSIAN)
"""All languages are tried on every answer: models switch, whatever they were asked in."""
