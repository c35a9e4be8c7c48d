"""Static files under names that carry their hash, so that a browser may keep them for ever."""

import hashlib
from pathlib import Path


def hashed_assets(folder: Path) -> dict[str, str]:
    """Original path (relative, with slashes) to the path under which it is served."""
    made = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.name.startswith("."):
            name = path.relative_to(folder).as_posix()
            digest = hashlib.sha256(path.read_bytes()).hexdigest()[:10]
            stem, dot, ending = name.rpartition(".")
            made[name] = f"{stem}.{digest}.{ending}" if dot else f"{name}.{digest}"
    return made
