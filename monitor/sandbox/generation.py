"""One request through the sandbox's model: images are lost or read, the mind answers, the bill is drawn up."""

from __future__ import annotations

from dataclasses import dataclass

from monitor.core.types import Finish
from monitor.sandbox.billing import capped, image_tokens, text_tokens
from monitor.sandbox.faults import Fault
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


def complete(fault: Fault, family: str, prompt: Prompt, pictures: tuple[Picture, ...], draw: Draw) -> Completion:
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


def _convey(fault: Fault, prompt: Prompt, pictures: tuple[Picture, ...], draw: Draw) -> Arrival:
    if not pictures or draw(100) >= fault.loss_percent:
        return Arrival(pictures)
    return Arrival((), "\n".join(fault.leaves(attachment) for attachment in prompt.attachments))


def _bill(fault: Fault, family: str, prompt: Prompt, arrival: Arrival, text: str) -> Bill:
    return Bill(
        text=text_tokens(prompt.text) + text_tokens(arrival.residue) + fault.flat_tokens,
        image=image_tokens(family, arrival.pictures) if fault.metered else None,
        output=text_tokens(text),
    )
