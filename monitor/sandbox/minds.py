"""How the model behind the gateway answers: a function from what reached it to what it says.

A mind knows the question, what the reader made of the images that arrived, and the residue of those that did not. It
never knows the right answer of a lost image, so what it invents can be right only by chance.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from monitor.core.types import Finish
from monitor.sandbox.forms import invented, one_symbol_wrong

Draw = Callable[[int], int]
"""The source of chance: `draw(n)` is a whole number from 0 to n - 1. `secrets.randbelow` is one."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What reached the model. `readings` has an entry an image; `residue` is the text left in place of lost ones."""

    question: str
    readings: tuple[str, ...]
    residue: str


@dataclass(frozen=True, slots=True)
class Utterance:
    """What the model says, and why it stopped."""

    text: str
    finish: Finish = Finish.STOP


Mind = Callable[[Scene, Draw], Utterance]

NO_IMAGE = "NOIMG"
_ABSENCES = (
    NO_IMAGE,
    "I don't see any image in your message. Could you please upload the image?",
    "There is no image attached to your message.",
)
_REFUSAL = "I'm sorry, but I can't help with that request."


def honest(scene: Scene, _draw: Draw) -> Utterance:
    """Reads what it got, or says in the agreed word that nothing came."""
    if not scene.readings:
        return Utterance(NO_IMAGE)
    return Utterance(" ".join(scene.readings) or "The picture is blank.")


def admits(scene: Scene, draw: Draw) -> Utterance:
    """Like an honest one, but says that nothing came in any of the usual phrases."""
    return honest(scene, draw) if scene.readings else Utterance(_ABSENCES[draw(len(_ABSENCES))])


def bluffs(scene: Scene, draw: Draw) -> Utterance:
    """Reads what it got; asked about an image that it never saw, it makes an answer up."""
    return honest(scene, draw) if scene.readings else Utterance(invented(scene.question, draw))


def quotes(scene: Scene, draw: Draw) -> Utterance:
    """Repeats the text that stands where an image should be."""
    return Utterance(scene.residue) if scene.residue else honest(scene, draw)


def misreads(scene: Scene, draw: Draw) -> Utterance:
    """Sees the image and gets one symbol wrong."""
    seen = honest(scene, draw)
    return Utterance(one_symbol_wrong(scene.question, seen.text, draw)) if scene.readings else seen


def thinks_aloud(scene: Scene, draw: Draw) -> Utterance:
    """Lets its reasoning and some prose into the content, around the right answer."""
    answer = honest(scene, draw).text
    return Utterance(f"<think>Let me read it from left to right.</think>\nIn the image I can read: {answer}.")


def swaps(scene: Scene, draw: Draw) -> Utterance:
    """Reads every image, the last one first."""
    return honest(replace(scene, readings=scene.readings[::-1]), draw)


def refuses(_scene: Scene, _draw: Draw) -> Utterance:
    """The model itself declines, on grounds of policy."""
    return Utterance(_REFUSAL, Finish.REFUSAL)


def is_filtered(_scene: Scene, _draw: Draw) -> Utterance:
    """A content filter of the provider swallows the answer."""
    return Utterance("", Finish.FILTER)
