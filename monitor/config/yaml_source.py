"""YAML text -> plain data, and where each piece of it stands.

The words are YAML 1.2's core schema: `off`, `no` and `yes` are text, `010` is ten, `2026-01-01` is text. Keys are
always text. Duplicate keys, tags, merge keys and a second document are problems; aliases are followed, within bounds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml
from yaml.error import Mark, MarkedYAMLError
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from yaml.reader import ReaderError

from monitor.config.problems import ConfigError, Path, Problem, spelt_path

DEEPEST = 40
"""Levels of nesting; an alias that contains itself ends here."""
MOST_VALUES = 100_000
"""Values after aliases are followed; a "billion laughs" file ends here."""

Place = tuple[int, int]
"""Line and column, from 1."""

_PLAIN: tuple[tuple[re.Pattern[str], Callable[[str], Any]], ...] = (
    (re.compile(r"null|Null|NULL|~|"), lambda _: None),
    (re.compile(r"true|True|TRUE"), lambda _: True),
    (re.compile(r"false|False|FALSE"), lambda _: False),
    (re.compile(r"[-+]?[0-9]{1,19}"), int),
    (re.compile(r"0o[0-7]{1,21}"), lambda text: int(text, 0)),
    (re.compile(r"0x[0-9a-fA-F]{1,16}"), lambda text: int(text, 0)),
    (re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?"), float),
    (re.compile(r"[-+]?\.(inf|Inf|INF)"), lambda text: float(text.replace(".", ""))),
    (re.compile(r"\.(nan|NaN|NAN)"), lambda _: float("nan")),
)
"""The core schema (YAML 1.2.2 §10.3.2), first match first. Longer integers than 64 bits become floats."""

_TOO_DEEP = f"nested more than {DEEPEST} levels deep"
_TAGGED = "tags (`!name`) are not allowed; put text that begins with ! in quotes"
_UNBOUNDED = f"aliases unfold to more than {MOST_VALUES} values, or more than {DEEPEST} levels"

_SURROGATE = re.compile("[\ud800-\udfff]")

_CURES: tuple[tuple[str, str], ...] = (
    (
        "mapping values are not allowed here",
        "a second `:` on this line, or wrong indentation; put text with `: ` in quotes",
    ),
    ("could not find expected ':'", "a key without its `:`, here or on the line above"),
    ("but found '<block mapping start>'", "wrong indentation: this key lines up with nothing above it"),
    ("but found '<block sequence start>'", "wrong indentation: this list lines up with nothing above it"),
    ("expected <block end>", "wrong indentation, or text after a value: put text with special characters in quotes"),
    ("expected ',' or", "a `,` or the closing bracket is missing; inside brackets put ${NAME} in quotes"),
    ("that cannot start any token", "indent with spaces, not tabs, and put text that begins with @, ` or % in quotes"),
    (
        "found unknown escape character",
        "no such escape in double quotes: use single quotes, or write the backslash twice",
    ),
    ("found unexpected end of stream", "a quote is not closed"),
    ("found undefined alias", "this alias has no anchor above it; put text that begins with * in quotes"),
    ("found duplicate anchor", "this anchor's name is taken already; rename one"),
    ("expected alphabetic or numeric character", "put text that begins with & or * in quotes"),
    ("special characters are not allowed", "a control character; remove it, or write it as an escape in double quotes"),
    ("but found another document", "a second document: one file is one configuration"),
    ("sequence entries are not allowed here", "a `-` where no list can stand: begin the list on a line of its own"),
    ("mapping keys are not allowed here", "a `?` where no key can stand; put the text in quotes"),
)
"""What the parser's words mean to a person. The parser's own text may quote the file, so it is never shown."""


@dataclass(frozen=True, slots=True)
class Document:
    """Plain data (None for an empty file) and the places of its values and keys."""

    data: Any
    values: Mapping[Path, Place] = field(default_factory=dict)
    keys: Mapping[Path, Place] = field(default_factory=dict)

    def at_value(self, path: Path, message: str) -> Problem:
        """A problem with the value at `path`, or the nearest one that holds it."""
        return Problem(*_nearest(path, self.values), spelt_path(path), message)

    def at_key(self, path: Path, message: str) -> Problem:
        """A problem with the key (or list item) that ends `path`, or the nearest one that holds it."""
        return Problem(*_nearest(path, self.keys, self.values), spelt_path(path), message)


def _nearest(path: Path, *places: Mapping[Path, Place]) -> Place:
    prefixes = (path[:length] for length in range(len(path), -1, -1))
    found = (known[prefix] for prefix in prefixes for known in places if prefix in known)
    return next(found, (1, 1))


def parse(text: str, file: str) -> Document:
    """The document in `text`. Raises ConfigError, with the name `file`, for what is not the YAML described above."""
    tree = _compose(text)
    if isinstance(tree, Problem):
        raise ConfigError(file, [tree])
    if tree is None:
        return Document(None)
    reading = _Reading()
    data = reading.value(tree, ())
    if reading.problems:
        raise ConfigError(file, reading.problems)
    return Document(data, reading.values, reading.keys)


def _compose(text: str) -> Node | Problem | None:
    try:
        return yaml.compose(text, Loader=_Composer)
    except _RefusedError as refused:
        return refused.problem
    except ReaderError as error:
        before = text[: error.position]
        return Problem(before.count("\n") + 1, len(before) - before.rfind("\n"), "", _cure(error.reason))
    except MarkedYAMLError as error:
        return Problem(*_place(error.problem_mark or error.context_mark), "", _cure(f"{error.context} {error.problem}"))
    except (ValueError, OverflowError):  # PyYAML passes on what chr() and int() say of an absurd escape or directive
        return Problem(None, None, "", "not YAML: an escape or a directive in it has an impossible number")


def _cure(words: str) -> str:
    found = (cure for sign, cure in _CURES if sign in words)
    return f"not YAML: {next(found, 'the parser cannot go on here; check brackets, quotes and indentation')}"


def _place(mark: Mark | None) -> Place:
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)


class _RefusedError(Exception):
    """Legal YAML that we do not take. Carries the problem."""

    def __init__(self, message: str, mark: Mark) -> None:
        self.problem = Problem(*_place(mark), "", message)
        super().__init__(message)


class _Composer(yaml.SafeLoader):
    """PyYAML's composer without tags and without bottomless nesting."""

    _depth = 0

    def compose_node(self, parent: Node | None, index: int) -> Node | None:
        self._depth += 1
        peek: Callable[[], Any] = self.peek_event  # its stub has no types
        event = peek()
        if self._depth > DEEPEST or getattr(event, "tag", None) is not None:
            raise _RefusedError(_TOO_DEEP if self._depth > DEEPEST else _TAGGED, event.start_mark)
        node = super().compose_node(parent, index)
        self._depth -= 1
        return node


class _Reading:
    """One walk over the tree that collects data, places and problems."""

    def __init__(self) -> None:
        self.values: dict[Path, Place] = {}
        self.keys: dict[Path, Place] = {}
        self.problems: list[Problem] = []
        self._unbounded = False

    def value(self, node: Node, path: Path) -> Any:
        """The plain data of `node`; None beside a noted problem where there is none."""
        if self._unbounded:
            return None
        self.values[path] = _place(node.start_mark)
        if len(path) > DEEPEST or len(self.values) > MOST_VALUES:
            self._unbounded = True
            self._note(node, (), _UNBOUNDED)
            return None
        if isinstance(node, MappingNode):
            return self._mapping(node, path)
        if isinstance(node, SequenceNode):
            return [self.value(item, (*path, index)) for index, item in enumerate(node.value)]
        return self._scalar(node, path)

    def _mapping(self, node: MappingNode, path: Path) -> dict[str, Any]:
        data: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = self._key(key_node, path, data)
            if key is not None:
                self.keys[*path, key] = _place(key_node.start_mark)
                data[key] = self.value(value_node, (*path, key))
        return data

    def _key(self, node: Node, path: Path, seen: Mapping[str, Any]) -> str | None:
        if not isinstance(node, ScalarNode):
            self._note(node, path, "a key must be a word; put text that begins with { or [ in quotes")
            return None
        key = str(node.value)
        if key in seen:
            self._note(node, (*path, key), f"duplicate key, first on line {self.keys[*path, key][0]}; keep one")
            return None
        if key == "<<":
            self._note(node, (*path, key), "merge keys are not YAML 1.2; alias whole values instead")
            return None
        return self._text(key, node, path)

    def _scalar(self, node: Node, path: Path) -> Any:
        text = str(node.value)
        plain = getattr(node, "style", None) is None
        return _plain(text) if plain else self._text(text, node, path)

    def _text(self, text: str, node: Node, path: Path) -> str | None:
        if not _SURROGATE.search(text):
            return text
        try:  # JSON writes a character beyond 16 bits as two escapes
            return text.encode("utf-16", "surrogatepass").decode("utf-16")
        except UnicodeDecodeError:
            self._note(node, path, "half a surrogate pair is no character; write the character itself")
            return None

    def _note(self, node: Node, path: Path, message: str) -> None:
        self.problems.append(Problem(*_place(node.start_mark), spelt_path(path), message))


def _plain(text: str) -> Any:
    for pattern, read in _PLAIN:
        if pattern.fullmatch(text):
            return read(text)
    return text
