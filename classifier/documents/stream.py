"""Numbers and bullets off the lines of a list that is read as it comes, however long it is."""

import re
from collections.abc import Iterable, Iterator

from classifier.documents.headlines import (
    _BULLETS,
    _NUMBERED,
    _NUMERAL,
    _SHORTEST_RUN,
    _without_marker,
)

# What a number or bullet begins with; most lines begin with none of these.
_MAY_BE_MARKED = re.compile(rf"[\d{_BULLETS}{_NUMERAL}–*+(（［\[①-⒛⓪⓫-⓿❶-➓㈠-㈩-]")


def strip_markers(lines: Iterable[str]) -> Iterator[str]:
    """Yield lines less the numbers and bullets that `read_headlines` takes off, and its spaces.

    At most two lines are held back, until it shows whether a number begins a count.

    Examples
    --------
    >>> list(strip_markers(["1 县医院新楼启用", "2 5G信号通到牧场", "3 春灌开闸", "5 朵金花"]))
    ['县医院新楼启用', '5G信号通到牧场', '春灌开闸', '5 朵金花']
    """
    waiting: list[str] = []
    number, separator = 0, ""
    for line in map(str.strip, lines):
        if not waiting and not _MAY_BE_MARKED.match(line):
            number = 0
            yield line
            continue
        found = _NUMBERED.match(line) if line[:1].isdecimal() else None
        if found and (int(found[1]), found[2]) == (number + 1, separator):
            number += 1
            waiting.append(line)
            if number < _SHORTEST_RUN:
                continue
            yield from (_without_marker(one, counted=True) for one in waiting)
            waiting = []
            continue
        yield from (_without_marker(one, counted=False) for one in waiting)
        waiting = []
        if found and int(found[1]) == 1:
            number, separator = 1, found[2]
            waiting = [line]
        else:
            number, separator = 0, ""
            yield _without_marker(line, counted=False)
    yield from (_without_marker(one, counted=False) for one in waiting)
