"""The other forms in which an ask may travel (streamed, by URL, from a tool's result, with tools) are requests too as
the makers' SDKs define them.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from monitor.core.types import Ask, Form, Placement
from monitor.dialects import REGISTRY
from tests.sdk.asks import CODE
from tests.sdk.makers import request_type
from tests.sdk.strictness import problems

BY_URL = replace(CODE, images=tuple(replace(image, url="https://probe.example/a.png") for image in CODE.images))
ASKS: dict[Form, Ask] = {
    Form.STREAM: replace(CODE, stream=True),
    Form.URL: BY_URL,
    Form.TOOL_RESULT: replace(CODE, placement=Placement.TOOL_RESULT),
    Form.WITH_TOOLS: replace(CODE, with_tools=True),
}
CASES = [(name, form) for name, dialect in REGISTRY.items() for form in Form if form in dialect.forms]


@pytest.mark.parametrize(("dialect", "form"), CASES)
def test_a_form_is_of_the_makers_type(dialect: str, form: Form) -> None:
    assert problems(request_type(dialect), REGISTRY[dialect].build(ASKS[form]).body) == []


@pytest.mark.parametrize(("dialect", "form"), CASES)
def test_the_control_of_a_form_is_of_the_makers_type(dialect: str, form: Form) -> None:
    control = replace(ASKS[form], images=())
    assert problems(request_type(dialect), REGISTRY[dialect].build(control).body) == []
