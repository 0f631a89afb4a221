"""Everything that a probe may have to ask: real puzzles, the text-only control, both names of the cap."""

from __future__ import annotations

from dataclasses import replace

from monitor.challenges import REGISTRY as CHALLENGES
from monitor.challenges.drawing import DEFAULT_SIZE
from monitor.core.types import Ask, Puzzle
from monitor.dialects.openai_chat import AUTO, NEWER, OLDER

PUZZLES = {name: challenge.make(b"sdk".ljust(32), DEFAULT_SIZE) for name, challenge in CHALLENGES.items()}


def ask_for(puzzle: Puzzle, model: str = "sees") -> Ask:
    return Ask(model, puzzle.question, puzzle.images, cap=64, cap_parameter=AUTO)


CODE = ask_for(PUZZLES["code"])
CONTROL = replace(CODE, images=())
ASKS = {name: ask_for(puzzle) for name, puzzle in PUZZLES.items()} | {
    "control": CONTROL,
    "two images": replace(CODE, images=(*PUZZLES["code"].images, *PUZZLES["digits"].images)),
    "newer cap": replace(CODE, cap_parameter=NEWER),
    "older cap": replace(CODE, cap_parameter=OLDER),
    "larger cap": replace(CODE, cap=4096),
}
