"""What passes between a wire and the model behind it, in one vocabulary for all dialects."""

from __future__ import annotations

from dataclasses import dataclass

from monitor.core.types import Finish


@dataclass(frozen=True, slots=True)
class Attachment:
    """An image as the client sent it: its claimed media type and its base64.

    With a `url` it came by reference: `base64` is None until the gateway has fetched it, and `media_type` is "" where
    only the host that serves it can tell.
    """

    media_type: str
    base64: str | None
    url: str | None = None
    in_tool_result: bool = False


@dataclass(frozen=True, slots=True)
class Prompt:
    """A request that is legal in its dialect. `cap` is in output tokens; None leaves the length to the model.

    `text` is what the user says, `setting` all other words that are billed: system prompt, tools, calls and results.
    `counts`: whether a stream is to end with its usage.
    """

    model: str
    text: str
    attachments: tuple[Attachment, ...]
    cap: int | None
    setting: str = ""
    gives_tools: bool = False
    streams: bool = False
    counts: bool = True


@dataclass(frozen=True, slots=True)
class Bill:
    """Tokens. `image` is None where no image was billed as one; `text` holds everything else of the input."""

    text: int
    image: int | None
    output: int

    @property
    def input(self) -> int:
        """The total of the input side."""
        return self.text + (self.image or 0)


@dataclass(frozen=True, slots=True)
class Completion:
    """What the model made of a prompt. `id` is unique; `model` is the name that the reply echoes."""

    id: str
    model: str
    text: str
    finish: Finish
    bill: Bill


@dataclass(frozen=True, slots=True)
class Problem:
    """Why there is no completion. `status` says what is wrong; `status_line` differs from it where a gateway lies."""

    status: int
    message: str
    code: str | None = None
    param: str | None = None
    retry_after_s: int | None = None
    status_line: int | None = None


class ProblemError(Exception):
    """Ends a request with its problem."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem
