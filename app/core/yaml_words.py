"""The YAML that our documents are written in: words mean what YAML 1.2 says, and keys are what stands there."""

import re
from typing import Any

import yaml

_TRUTH = re.compile(r"true|True|TRUE|false|False|FALSE")
_WHOLE = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_BROKEN = re.compile(r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
_NOTHING = re.compile(r"~|null|Null|NULL|")
_TEXT = "tag:yaml.org,2002:str"


class WordLoader(yaml.SafeLoader):
    """Reads NO, 10:00, 0123 and 2026-11-23 as texts, and takes no aliases, which can grow without end."""

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]  # the stubs leave it out
            raise yaml.composer.ComposerError(None, None, "aliases are not taken: write it out", mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode):
                key.tag = _TEXT
        return super().construct_mapping(node, deep)


WordLoader.yaml_implicit_resolvers = {}
for _kind, _words, _starts in (
    ("bool", _TRUTH, "tTfF"),
    ("int", _WHOLE, "-+0123456789"),
    ("float", _BROKEN, "-+.0123456789"),
    ("null", _NOTHING, ["~", "n", "N", ""]),
):
    WordLoader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_kind}", re.compile(rf"^(?:{_words.pattern})$"), list(_starts)
    )
