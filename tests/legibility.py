"""How many test images two weak OCR engines read without a mistake: run it after any change of glyphs or layout.

    pip install rapidocr onnxruntime; apt-get install tesseract-ocr; python -m tests.legibility --seeds 300

Not a test: the engines are heavy and no dependency of ours. RapidOCR is read as it comes; tesseract is told the alphabet
(its language model otherwise turns `9` into `g`) and that the image is one line. Exit status 1 below the floors.
"""

from __future__ import annotations

import argparse
import logging
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from io import BytesIO
from typing import Any

from PIL import Image as Pillow

from monitor.challenges import REGISTRY
from monitor.challenges.glyphs import CODE_ALPHABET, DIGITS
from monitor.core.types import Image, Match

Reader = Callable[[Image, str], str]

ALPHABETS = {"code": CODE_ALPHABET, "digits": DIGITS}
SIZES = (448, 256)
FLOORS = {"rapidocr": 0.99, "tesseract": 0.95}


def rapidocr_reader() -> Reader:
    """RapidOCR with the models that come in its wheel."""
    numpy: Any = import_module("numpy")
    engine: Any = import_module("rapidocr").RapidOCR()
    logging.getLogger("RapidOCR").setLevel(logging.ERROR)

    def read(image: Image, alphabet: str) -> str:
        pixels = numpy.array(Pillow.open(BytesIO(image.data)).convert("RGB"))[:, :, ::-1]
        return " ".join(engine(pixels).txts or ())

    return read


def tesseract_reader() -> Reader:
    """The `tesseract` command with its English data."""

    def read(image: Image, alphabet: str) -> str:
        command = ["tesseract", "-", "-", "--psm", "7", "-c", f"tessedit_char_whitelist={alphabet}"]
        return subprocess.run(command, input=image.data, capture_output=True, check=True).stdout.decode()

    return read


def misreadings(read: Reader, challenge: str, size: int, seeds: int) -> list[tuple[str, str]]:
    """What was expected and what was read, where they differ."""
    wrong = []
    for number in range(seeds):
        puzzle = REGISTRY[challenge].make(number.to_bytes(32, "big"), size)
        text = read(puzzle.images[0], ALPHABETS[challenge])
        if REGISTRY[challenge].check(puzzle.expected, text).match is not Match.EXACT:
            wrong.append((puzzle.expected, text.strip()))
    return wrong


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.legibility")
    parser.add_argument("--seeds", type=int, default=100)
    seeds = parser.parse_args(arguments).seeds
    status = 0
    for engine, reader in (("rapidocr", rapidocr_reader), ("tesseract", tesseract_reader)):
        read = reader()
        for challenge in ALPHABETS:
            for size in SIZES:
                wrong = misreadings(read, challenge, size, seeds)
                rate = 1 - len(wrong) / seeds
                status |= rate < FLOORS[engine]
                sys.stdout.write(f"{engine:9} {challenge:6} {size} px  {rate:7.2%} of {seeds}  {wrong[:6]}\n")
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
