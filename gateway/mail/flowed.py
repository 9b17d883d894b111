"""`format=flowed` (RFC 3676): lines that end in a space go on in the next one."""

from __future__ import annotations

_SIGNATURE = "-- "


def unflowed(text: str, *, delsp: bool) -> str:
    """The text with its paragraphs on one line each. With `delsp` the space at a soft line end is dropped."""
    lines: list[str] = []
    open_depth = -1  # how deeply quoted the line is that goes on; -1: none does
    for line in text.split("\n"):
        depth, said = _read(line)
        if depth == open_depth and said != _SIGNATURE:
            lines[-1] += said
        else:
            lines.append(">" * depth + " " * bool(depth) + said)
        goes_on = said.endswith(" ") and said != _SIGNATURE
        if goes_on and delsp:
            lines[-1] = lines[-1][:-1]
        open_depth = depth if goes_on else -1
    return "\n".join(lines)


def _read(line: str) -> tuple[int, str]:
    """How deeply quoted a line is, and what it says, unstuffed."""
    said = line.lstrip(">")
    return len(line) - len(said), said.removeprefix(" ")
