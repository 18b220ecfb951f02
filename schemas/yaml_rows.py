"""YAML as people write it in city files: dates stay text until their field is known, and no key comes twice."""

from collections import Counter
from pathlib import Path
from typing import Any

import yaml


class _Loader(yaml.SafeLoader):
    """A date that cannot be one would otherwise stop the reader before it knows the row."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - the base class declares it so
        first: [(tag, pattern) for tag, pattern in rows if tag != "tag:yaml.org,2002:timestamp"]
        for first, rows in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        counts = Counter(key.value for key, _ in node.value if isinstance(key.value, str))
        twice = [key for key, count in counts.items() if count > 1]
        if twice:
            raise yaml.constructor.ConstructorError(
                None, None, f"{twice[0]!r} is there twice; keep one", node.start_mark
            )
        return super().construct_mapping(node, deep)


def rows_of(path: Path) -> dict[str, Any]:
    """What the file says. Raises ValueError with the line when it cannot be read."""
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), _Loader)  # noqa: S506 - a safe loader
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ValueError(f"{path.name} is not valid YAML in UTF-8: {' '.join(str(error).split())}") from None
    if not isinstance(content, dict):
        raise ValueError(f"{path.name} must hold rows of `name: value`; it holds {type(content).__name__}")
    return content
