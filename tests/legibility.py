"""How many test images two weak OCR engines read without a mistake: run it after any change of glyphs or layout.

    python -m tests.legibility --seeds 300

RapidOCR is taken as it comes, on one thread, which is cheaper. Tesseract is told that the image is one line (`--psm 7`)
and which characters there are (`tessedit_char_whitelist`: its language model otherwise turns `9` into `g`). Exit status
1 below a floor.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Callable, Iterable
from io import BytesIO

import numpy as np
from PIL import Image as Pillow
from rapidocr import RapidOCR
from rapidocr.utils.output import RapidOCROutput

from monitor.challenges import REGISTRY
from monitor.challenges.glyphs import CODE_ALPHABET, DIGITS
from monitor.core.types import Image, Match

Reader = Callable[[Image, str], str]
"""What it reads in an image, given the alphabet."""

ALPHABETS = {"code": CODE_ALPHABET, "digits": DIGITS}
SIZES = (448, 256)
FLOORS = {"rapidocr": 0.99, "tesseract": 0.95}
"""The least share of images that an engine must read."""


def rapidocr() -> Reader:
    """RapidOCR with the models that come in its wheel."""
    engine = RapidOCR(params={"Global.log_level": "error", "EngineConfig.onnxruntime.intra_op_num_threads": 1})

    def read(image: Image, _alphabet: str) -> str:
        pixels = np.asarray(Pillow.open(BytesIO(image.data)).convert("RGB"))
        found = engine(np.ascontiguousarray(pixels[:, :, ::-1]))
        return " ".join((found.txts or ()) if isinstance(found, RapidOCROutput) else ())

    return read


def tesseract() -> Reader:
    """The `tesseract` command with its English data."""

    def read(image: Image, alphabet: str) -> str:
        command = ["tesseract", "-", "-", "--psm", "7", "-c", f"tessedit_char_whitelist={alphabet}"]
        return subprocess.run(command, input=image.data, capture_output=True, check=True).stdout.decode()

    return read


ENGINES: dict[str, Callable[[], Reader]] = {"rapidocr": rapidocr, "tesseract": tesseract}


def misreadings(read: Reader, challenge: str, size: int, seeds: Iterable[int]) -> list[tuple[str, str]]:
    """What was expected and what was read, where they differ."""
    wrong = []
    for number in seeds:
        puzzle = REGISTRY[challenge].make(number.to_bytes(32, "big"), size)
        text = read(puzzle.images[0], ALPHABETS[challenge])
        if REGISTRY[challenge].check(puzzle.expected, text).match is not Match.EXACT:
            wrong.append((puzzle.expected, text.strip()))
    return wrong


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.legibility")
    parser.add_argument("--seeds", type=int, default=300)
    seeds = parser.parse_args(arguments).seeds
    status = 0
    for name, engine in ENGINES.items():
        read = engine()
        for challenge, size in ((challenge, size) for challenge in ALPHABETS for size in SIZES):
            wrong = misreadings(read, challenge, size, range(seeds))
            rate = 1 - len(wrong) / seeds
            status |= rate < FLOORS[name]
            sys.stdout.write(
                f"{name:9} {challenge:6} {size} px  {rate:7.2%} of {seeds}  {wrong[:6] or ''}".rstrip() + "\n"
            )
            sys.stdout.flush()
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
