"""A lesson's file in its two parts: the front matter between two fences, and the body behind it."""

FENCE = "+++\n"
CLOSE = "\n+++\n"


def split(text: str) -> tuple[str, str] | None:
    """Front matter (TOML) and body; None for a text that does not begin with front matter."""
    end = text.find(CLOSE, len(FENCE) - 1)
    if not text.startswith(FENCE) or end < 0:
        return None
    return text[len(FENCE) : end + 1], text[end + len(CLOSE) :]


def joined(front: str, body: str) -> str:
    """The file of a front matter (TOML, with its last line end) and a body."""
    return f"{FENCE}{front}{FENCE}{body}"
