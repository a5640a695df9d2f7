"""YAML documents checked against a model, whose errors name file, line and field."""

from typing import TypeVar

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from app.core.yaml_words import WordLoader

Model = TypeVar("Model", bound=BaseModel)
Path = tuple[str | int, ...]


class DocumentError(ValueError):
    """Everything that is wrong with a document, one problem a line: `file:line: field: what is wrong`."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class FieldError(ValueError):
    """What a model's own check says is wrong with one field inside it; `path` leads there from the model."""

    def __init__(self, path: Path, message: str) -> None:
        super().__init__(message)
        self.path = path


def read_document(text: str, model: type[Model], name: str) -> Model:
    """Parse and check one document; `name` is what errors call it."""
    lines = document_lines(text, name)
    try:
        return model.model_validate(yaml.load(text, WordLoader))
    except ValidationError as error:
        raise DocumentError([_explain(name, lines, each) for each in error.errors()]) from None


def document_lines(text: str, name: str) -> dict[Path, int]:
    """Find the line of every field of a document; keys are texts, places in lists are numbers."""
    try:
        node = yaml.compose(text, Loader=WordLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise DocumentError([f"{name}:{line}: not YAML: {error.problem}"]) from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise DocumentError([f"{name}:{line}: not YAML: {error.reason}"]) from None
    except RecursionError:
        raise DocumentError([f"{name}:1: nested too deeply"]) from None
    if node is None:
        raise DocumentError([f"{name}:1: the document is empty"])
    lines: dict[Path, int] = {}
    problems: list[str] = []
    _note_lines(node, (), lines, problems, name)
    if problems:
        raise DocumentError(problems)
    return lines


def _note_lines(node: yaml.Node, path: Path, lines: dict[Path, int], problems: list[str], name: str) -> None:
    lines[path] = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            inner = (*path, str(key.value))
            if inner in lines:
                problems.append(f"{name}:{key.start_mark.line + 1}: {_dotted(inner)}: stands twice")
            _note_lines(value, inner, lines, problems, name)
            lines[inner] = key.start_mark.line + 1
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            _note_lines(value, (*path, index), lines, problems, name)


def _place(error: ErrorDetails) -> Path:
    cause = error.get("ctx", {}).get("error")
    return (*error["loc"], *cause.path) if isinstance(cause, FieldError) else error["loc"]


def _explain(name: str, lines: dict[Path, int], error: ErrorDetails) -> str:
    where = known = _place(error)
    while known and known not in lines:
        known = known[:-1]
    # Only a field that is missing is named beyond what stands in the document.
    field = _dotted(where if error["type"] == "missing" else known)
    text = error["msg"].removeprefix("Value error, ")
    return f"{name}:{lines.get(known, 1)}: {field or 'document'}: {text}"


def _dotted(path: Path) -> str:
    return ".".join(str(part) for part in path)
