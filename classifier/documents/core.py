"""The part of a text that is about something: what is tagged of a headline or a paragraph.

Kept apart from the rules, `classifier.documents.ends`, since every text passes here and few need
them: compiling their patterns takes as long as importing numpy.
"""

import re

# A text that does not begin with one of these has nothing before it, but for a date and a space or
# a column and a bar; one that does not end with one of these has nothing behind it, but for a
# byline.
_STARTS = frozenset("[［(（【〔")
_ENDS = frozenset("]］)）】〕0123456789日次网社报台端站心道讯闻谈线")
_DATE_AND_SPACE = re.compile(r"\d\S{0,24}\s")
_BYLINE = re.compile(r"[源者辑编影文图]\s*[:：/]")


def headline_core(text: str) -> tuple[int, int]:
    """Return where the part of a headline that is about something starts and ends.

    Dates, times, outlets, bylines, counters and remarks such as ``[详细]`` or ``（组图）`` at its
    ends, and columns before it such as ``要闻｜``, are outside; `classifier.documents.HEADS` and
    ``TAILS`` list them. What is inside brackets and is none of these, an outlet's name inside the
    headline, a dash and a subtitle are part of the headline.

    Returns
    -------
    start, end : so that ``text[start:end]`` is the part, without white space around it; never less
        than 4 characters of a headline that has as many. An empty text gives ``(0, 0)``.

    Examples
    --------
    >>> text = "[视频] 春灌开闸放水 浇地不用愁（记者 马小山） 2021-03-05 [详细]"
    >>> start, end = headline_core(text)
    >>> text[start:end]
    '春灌开闸放水 浇地不用愁'
    """
    if not text:
        return 0, 0
    start, end = 0, len(text)
    first, last = text[0], text[-1]
    if (
        last in _ENDS
        or (not last.isalpha() and (last.isspace() or last.isdecimal()))
        or (("：" in text or ":" in text or "/" in text) and _BYLINE.search(text))
    ):
        from classifier.documents.ends import before_tails

        end = before_tails(text)
    if (
        first in _STARTS
        or (not first.isalpha() and (first.isspace() or _DATE_AND_SPACE.match(text)))
        or "丨" in text
        or "｜" in text
        or "|" in text
    ):
        from classifier.documents.ends import after_heads

        start = after_heads(text, end)
    return start, end
