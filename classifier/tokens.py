"""Texts to tokens: the only door to jieba and rjieba.

Both cut by jieba's dictionary with its hidden Markov model off, and give the same tokens; rjieba
(Rust) is 13 times as fast. Which of them runs is a matter of speed, never of meaning.
"""

import functools
import hashlib
import importlib.util
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from classifier.errors import ClassifierError

Engine = Literal["auto", "rjieba", "jieba"]

# jieba and jieba-rs weigh a word against the sum of the dictionary; a user's word with the
# frequency of a common noun is kept whole unless a far more frequent cut is possible.
USER_WORD_FREQUENCY = 20_000


@dataclass(frozen=True, slots=True)
class SegmenterSettings:
    """What decides how texts are cut, and so is a part of a model.

    Attributes
    ----------
    user_words : words added to jieba's dictionary, in folded form (see `classifier.text.fold`)
    dictionary_sha256 : of jieba's ``dict.txt`` where the model was trained; empty if unknown
    """

    user_words: tuple[str, ...] = ()
    dictionary_sha256: str = ""


class Segmenter:
    """Cuts folded texts into tokens. Loads its dictionary on first use; safe from several threads.

    Parameters
    ----------
    settings : user words and dictionary
    engine : ``"rjieba"``, ``"jieba"``, or ``"auto"``: rjieba where it can be imported

    Examples
    --------
    >>> Segmenter().cut("算力网络 惠及乡村")
    ['算', '力', '网络', ' ', '惠及', '乡村']
    >>> Segmenter(SegmenterSettings(user_words=("算力",))).cut("算力网络 惠及乡村")
    ['算力', '网络', ' ', '惠及', '乡村']
    """

    def __init__(
        self, settings: SegmenterSettings | None = None, *, engine: Engine = "auto"
    ) -> None:
        self.settings = settings or SegmenterSettings()
        self.engine: Engine = engine
        self._cut: Callable[[str], list[str]] | None = None
        self._lock = threading.Lock()

    def cut(self, text: str) -> list[str]:
        """Return the tokens of `text` in order; joined, they are `text` again.

        `text` may be many texts joined by newlines: each newline is a token of its own, and cutting
        many at once takes a third of the time of cutting one by one.
        """
        if self._cut is None:
            with self._lock:
                if self._cut is None:
                    self._cut = self._load()
        return self._cut(text)

    def _load(self) -> Callable[[str], list[str]]:
        if self.engine == "rjieba" or (
            self.engine == "auto" and importlib.util.find_spec("rjieba") is not None
        ):
            return _rjieba_cut(self.settings.user_words)
        self._check_dictionary()
        return _jieba_cut(self.settings.user_words)

    def _check_dictionary(self) -> None:
        wanted = self.settings.dictionary_sha256
        if wanted and wanted != dictionary_sha256():
            raise ClassifierError(
                f"the installed jieba has a dictionary (sha256 {dictionary_sha256()[:12]}…) other "
                f"than the one the model was trained with ({wanted[:12]}…); "
                'run: pip install "jieba==0.42.1"'
            )

    def __getstate__(self) -> tuple[SegmenterSettings, Engine]:
        """Leave the dictionary and the lock behind: another process loads its own."""
        return self.settings, self.engine

    def __setstate__(self, state: tuple[SegmenterSettings, Engine]) -> None:
        Segmenter.__init__(self, state[0], engine=state[1])


def _rjieba_cut(user_words: Sequence[str]) -> Callable[[str], list[str]]:
    import rjieba

    # Importing rjieba has built one segmenter already; a second would cost 0.1 s and 17 MB more.
    # It is used as it stands, and never added to, unless the model has words of its own.
    if not user_words:
        return functools.partial(rjieba.cut, hmm=False)
    jieba = rjieba.Jieba()
    for word in user_words:
        jieba.add_word(word, USER_WORD_FREQUENCY, None)
    return functools.partial(jieba.cut, hmm=False)


def _jieba_cut(user_words: Sequence[str]) -> Callable[[str], list[str]]:
    import logging

    import jieba

    jieba.setLogLevel(logging.WARNING)
    tokenizer = jieba.Tokenizer()
    # What its `initialize` does, less the cache file in the shared temporary folder.
    tokenizer.FREQ, tokenizer.total = tokenizer.gen_pfdict(tokenizer.get_dict_file())
    tokenizer.initialized = True
    for word in user_words:
        tokenizer.add_word(word, USER_WORD_FREQUENCY)
    return functools.partial(tokenizer.lcut, HMM=False)


@functools.cache
def dictionary_sha256() -> str:
    """Return the SHA-256 of the installed jieba's ``dict.txt``, or ``""`` without jieba.

    rjieba carries the same words compiled in.
    """
    spec = importlib.util.find_spec("jieba")
    if spec is None or spec.origin is None:
        return ""
    # Line ends aside, which a checkout on Windows may have changed.
    text = (Path(spec.origin).parent / "dict.txt").read_bytes().replace(b"\r\n", b"\n")
    return hashlib.sha256(text).hexdigest()
