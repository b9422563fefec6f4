"""Where a Markdown text is prose, and where it is code, in which nothing has a meaning. Pure."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from typing import Any

from markdown_it import MarkdownIt

_BLOCKS = MarkdownIt("commonmark").enable("table").disable("inline")
"""The parser, without the rule that reads what stands within a paragraph."""
_BLOCKS_OF_MDX = MarkdownIt("commonmark").enable("table").disable(["inline", "code"])
"""The same for MDX, in which an indented line is no code."""
_LEFT, _RIGHT = "\ufdd0", "\ufdd1"
"""Around the number of what is taken out: no characters, so no text has them."""
_TAKEN = re.compile(f"{_LEFT}(\\d+){_RIGHT}")
_INK = re.compile(r"\S(?:.*\S)?")
_CODE_OR_ESCAPE = re.compile(r"\\[^\w\s]|(?P<ticks>`+)")


class Prose:
    """A text whose code is taken out, so that the rest can be changed, and put back."""

    def __init__(self, text: str) -> None:
        """Take out the code, and what a backslash makes a plain character; lines stay lines."""
        text = text.replace(_LEFT, "").replace(_RIGHT, "")
        code = Code(text)
        self.html_lines = code.html_lines
        """Lines, from 0, in which HTML stands alone."""
        self.references = code.references
        """Addresses that the text names, by their names as Markdown compares them."""
        self._taken: list[str] = []
        parts: list[str] = []
        begin = 0
        for start, end in _taken_from(text, code):
            parts.append(text[begin:start])
            parts.append(_INK.sub(self._take, text[start:end]))
            begin = end
        parts.append(text[begin:])
        self.text = "".join(parts)

    def whole(self, text: str) -> str:
        """Put the code back into the changed text."""
        return _TAKEN.sub(lambda found: self._taken[int(found[1])], text)

    def _take(self, found: re.Match[str]) -> str:
        self._taken.append(found[0])
        return f"{_LEFT}{len(self._taken) - 1}{_RIGHT}"


def _taken_from(text: str, code: "Code") -> Iterator[tuple[int, int]]:
    position, blocks = 0, iter(code.blocks)
    block = next(blocks, None)
    while found := _CODE_OR_ESCAPE.search(text, position):
        while block and block[1] <= found.start():
            yield block
            block = next(blocks, None)
        if block and block[0] <= found.start():
            yield block
            position, block = block[1], next(blocks, None)
            continue
        is_code = found["ticks"] is not None
        end = code.end_of_span(found.start(), found.end()) if is_code else found.end()
        yield found.start(), end
        position = end
    while block:
        yield block
        block = next(blocks, None)


class Code:
    """Where a text is code, in blocks and within a paragraph."""

    def __init__(self, text: str, *, is_mdx: bool = False) -> None:
        """Parse the blocks of a text."""
        lines = list(accumulate((len(line) + 1 for line in text.split("\n")), initial=0))
        env: dict[str, Any] = {}
        tokens = (_BLOCKS_OF_MDX if is_mdx else _BLOCKS).parse(text, env)
        self.references: Mapping[str, str] = {
            label: str(found["href"]) for label, found in env.get("references", {}).items()
        }
        maps = [(t.map, t.type) for t in tokens if t.map is not None]
        blocks = [m for m, type_ in maps if type_ in {"fence", "code_block"}]
        self._starts = [lines[first] for first, _ in blocks]
        self._ends = [min(lines[min(last, len(lines) - 1)], len(text)) for _, last in blocks]
        self.html_lines = frozenset(i for m, t in maps if t == "html_block" for i in range(*m))
        tags = [m for m, type_ in maps if type_ == "html_block"]
        self._html_starts = [lines[first] for first, _ in tags]
        self._html_ends = [lines[min(last, len(lines) - 1)] for _, last in tags]
        # A span of code ends with the paragraph, or the row, in which it stands.
        self._limits = sorted({lines[min(m[1], len(lines) - 1)] for m, t in maps if t == "inline"})
        rows = [m for m, type_ in maps if type_ == "tr_open"]
        self._row_starts = [lines[first] for first, _ in rows]
        self._row_ends = [lines[min(last, len(lines) - 1)] for _, last in rows]
        self._text = text
        self._runs: dict[int, list[int]] = {}
        for run in re.finditer(r"`+", text):
            self._runs.setdefault(len(run[0]), []).append(run.start())

    @property
    def blocks(self) -> list[tuple[int, int]]:
        """The blocks of code, as the positions at which they begin and end."""
        return list(zip(self._starts, self._ends, strict=True))

    def end_of_block_at(self, position: int) -> int:
        """Find the end of the block of code around a position; 0 where there is none."""
        number = _last_at_most(self._starts, position)
        if number < 0 or self._ends[number] <= position:
            return 0
        return self._ends[number]

    def end_of_span(self, start: int, end: int) -> int:
        """Find the end of the code that these backticks open; their own where nothing closes it.

        Among the tags of a block of HTML they are plain characters.
        """
        number = _last_at_most(self._html_starts, start)
        if number >= 0 and start < self._html_ends[number]:
            return end
        after = bisect_left(self._limits, end)
        limit = self._limits[after] if after < len(self._limits) else end
        if self._is_in_row(start) and (cell := _CELL_END.search(self._text, end)):
            limit = min(limit, cell.end())
        runs = self._runs.get(end - start, [])
        number = bisect_left(runs, end)
        if number < len(runs) and runs[number] < limit:
            return runs[number] + end - start
        return end

    def _is_in_row(self, position: int) -> bool:
        number = _last_at_most(self._row_starts, position)
        return number >= 0 and position < self._row_ends[number]


_CELL_END = re.compile(r"(?<!\\)\|")


def _last_at_most(numbers: Sequence[int], number: int) -> int:
    return bisect_left(numbers, number + 1) - 1
