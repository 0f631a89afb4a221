"""One request through the sandbox's model: images are lost or read, the mind answers, the bill is drawn up."""

from __future__ import annotations

from dataclasses import dataclass

from monitor.core.types import Finish
from monitor.sandbox.billing import capped, image_tokens, text_tokens
from monitor.sandbox.faults import Fault
from monitor.sandbox.losses import Passage
from monitor.sandbox.messages import Bill, Completion, Prompt
from monitor.sandbox.minds import Draw, Scene
from monitor.sandbox.pictures import Picture
from monitor.sandbox.reading import read

_ID_SPACE = 16**24


@dataclass(frozen=True, slots=True)
class Arrival:
    """What is left of a request's images at the model's door: their pixels, or the text in their place."""

    pictures: tuple[Picture, ...]
    residue: str = ""


Pictures = tuple[Picture | None, ...]
"""The decoded images of a prompt, one an attachment; None for one that was never fetched."""


def complete(fault: Fault, family: str, prompt: Prompt, pictures: Pictures, draw: Draw) -> Completion:
    """What the model behind `fault` makes of the prompt; images are priced as those of `family`."""
    arrival = _convey(fault, prompt, pictures, draw)
    readings = tuple(read(picture.pixels) for picture in arrival.pictures)
    said = fault.mind(Scene(prompt.text, readings, arrival.residue), draw)
    text = capped(said.text, prompt.cap)
    return Completion(
        id=f"{draw(_ID_SPACE):024x}",
        model=fault.echo or prompt.model,
        text=text,
        finish=said.finish if text == said.text else Finish.LENGTH,
        bill=_bill(fault, family, prompt, arrival, text),
    )


def _convey(fault: Fault, prompt: Prompt, pictures: Pictures, draw: Draw) -> Arrival:
    strikes = bool(pictures) and draw(100) < fault.loss_percent
    lost = [strikes and fault.loses(Passage(prompt, place)) for place in range(len(pictures))]
    arrived = [None if is_lost else picture for picture, is_lost in zip(pictures, lost, strict=True)]
    left = [fault.leaves(image) for image, is_lost in zip(prompt.attachments, lost, strict=True) if is_lost]
    return Arrival(tuple(filter(None, arrived)), "\n".join(left))


def _bill(fault: Fault, family: str, prompt: Prompt, arrival: Arrival, text: str) -> Bill:
    return Bill(
        text=sum(map(text_tokens, (prompt.text, prompt.setting, arrival.residue))) + fault.flat_tokens,
        image=image_tokens(family, arrival.pictures) if fault.metered else None,
        output=text_tokens(text),
    )
