"""Topics: what they are called, what they cover, in which order they stand.

A `Taxonomy` is read from a TOML file (`Taxonomy.load`), comes with the package
(`Taxonomy.default`) or is made of the labels of a corpus (`Taxonomy.from_ids`). Every other part
of the package knows a topic by its id alone; names are for people.
"""

import functools
import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from classifier.errors import TaxonomyError, UnknownTopicError, counted, near_miss, shorten

# Joined lists of ids stand in CSV cells, fastText lines and on the command line.
_NOT_IN_IDS = re.compile(r"[\s|;；、,，\x00-\x1f\x7f]+")
_ID_RULE = "an id is any text without white space and without | ; ； 、 , ，"
_NOT_IN_NAMES = re.compile(r"[|\x00-\x1f\x7f]")
# Key of the file, attribute of Topic. `name` is another word for `zh`.
_KEYS = {
    "id": "id",
    "zh": "name",
    "name": "name",
    "en": "name_en",
    "group": "group",
    "about": "about",
    "not": "excludes",
}


@dataclass(frozen=True, slots=True)
class Topic:
    """One entry of a taxonomy.

    Attributes
    ----------
    id : what the topic is called in data, options and models; never shown alone to readers
    name : its Chinese name
    name_en : its English name, or ``""``
    group : the shelf on which it is listed, or ``""``
    about : what it covers, in a sentence for those who label
    excludes : what a neighbouring topic takes (``not`` in the file)
    strong : words that nearly settle the topic, a prior where labels are few
    weak : words that lean towards it
    """

    id: str
    name: str
    name_en: str = ""
    group: str = ""
    about: str = ""
    excludes: str = ""
    strong: tuple[str, ...] = ()
    weak: tuple[str, ...] = ()


@dataclass(frozen=True)
class Taxonomy:
    """Topics in a fixed order, the order of a model's columns.

    Attributes
    ----------
    topics : at least one; ids and names stand for one topic each

    Raises
    ------
    TaxonomyError
        No topic, an id or a name that breaks the rules, or one that stands for two topics.

    Examples
    --------
    >>> taxonomy = Taxonomy.default()
    >>> len(taxonomy), taxonomy.ids[:2]
    (30, ('digital-economy', 'industry-investment'))
    >>> taxonomy.resolve("反诈防骗")
    'fraud-prevention'
    >>> taxonomy["fraud-prevention"].name_en
    'Fraud prevention'
    """

    topics: tuple[Topic, ...]

    def __post_init__(self) -> None:
        if not self.topics:
            raise TaxonomyError("a taxonomy needs at least one topic, got none")
        for number, topic in enumerate(self.topics, start=1):
            _check_topic(topic, number)
        _check_unique(self.topics)

    @classmethod
    def load(cls, path: str | Path) -> "Taxonomy":
        """Return the taxonomy of a TOML file.

        Parameters
        ----------
        path : file of ``[[topic]]`` entries with ``id`` and ``zh`` (or ``name``), and, if wanted,
            ``en``, ``group``, ``about``, ``not`` and ``words``: a list, or
            ``{strong = […], weak = […]}``

        Raises
        ------
        TaxonomyError
            The file is missing, no UTF-8 or no TOML, or an entry breaks the rules; the message
            names the file and the entry.
        """
        path = Path(path)
        try:
            text = path.read_bytes().decode("utf-8-sig")
        except OSError as error:
            raise TaxonomyError(f"{path}: cannot be read: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise TaxonomyError(
                f"{path}: byte {error.start} is not UTF-8; save the file as UTF-8"
            ) from error
        return cls._from_toml(text, str(path))

    @classmethod
    def default(cls) -> "Taxonomy":
        """Return the package's own taxonomy: 30 topics of Chinese public-affairs news."""
        return _default_taxonomy()

    @classmethod
    def from_ids(cls, labels: Iterable[str]) -> "Taxonomy":
        """Return a taxonomy of topics that have a name only, in the order given.

        The name is the label, and so is the id, unless the label holds what no id may hold; that
        becomes a hyphen in the id. Labels by which `resolve` finds one topic are one.

        Examples
        --------
        >>> [topic.id for topic in Taxonomy.from_ids(["财经", "Sci Tech", "sci-tech"])]
        ['财经', 'Sci-Tech']
        """
        topics: list[Topic] = []
        taken: set[str] = set()
        for label in labels:
            topic = Topic(_as_id(label), label.strip())
            names = {_fold_name(name) for name in (topic.id, topic.name)}
            if taken.isdisjoint(names):
                topics.append(topic)
            taken |= names
        return cls(tuple(topics))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Taxonomy":
        """Return the taxonomy of which `to_dict` gave `data`; keys that are missing are empty.

        Raises
        ------
        TaxonomyError
            `data` is not what `to_dict` gives.
        """
        entries = data.get("topics")
        if not isinstance(entries, list):
            raise TaxonomyError(f"topics: expected a list, got {shorten(entries)}")
        return cls(tuple(_read_entry(entry, n) for n, entry in enumerate(entries, start=1)))

    @classmethod
    def _from_toml(cls, text: str, where: str) -> "Taxonomy":
        import tomllib  # here, since a model brings its topics along and tagging reads no TOML

        try:
            data = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise TaxonomyError(f"{where}: is no valid TOML: {error}") from error
        unknown = sorted(data.keys() - {"topic"})
        if unknown:
            raise TaxonomyError(
                f"{where}: unknown key {unknown[0]!r}; topics stand in [[topic]] entries"
            )
        if not data.get("topic"):
            raise TaxonomyError(f"{where}: holds no [[topic]] entry; write at least one")
        try:
            return cls.from_dict({"topics": data["topic"]})
        except TaxonomyError as error:
            raise TaxonomyError(f"{where}: {error}") from error

    @functools.cached_property
    def ids(self) -> tuple[str, ...]:
        """Ids of the topics, in order."""
        return tuple(topic.id for topic in self.topics)

    @functools.cached_property
    def _positions(self) -> dict[str, int]:
        return {id_: position for position, id_ in enumerate(self.ids)}

    @functools.cached_property
    def _by_name(self) -> dict[str, str]:
        """Id of each id and name, as written and folded."""
        names = {name: topic.id for topic in self.topics for name in _names(topic)}
        return {_fold_name(name): id_ for name, id_ in names.items()} | names

    def __len__(self) -> int:
        return len(self.topics)

    def __iter__(self) -> Iterator[Topic]:
        return iter(self.topics)

    def __contains__(self, id_: object) -> bool:
        return id_ in self._positions

    def __getitem__(self, id_: str) -> Topic:
        return self.topics[self.index(id_)]

    def index(self, id_: str) -> int:
        """Return the position of the topic with this id.

        Raises
        ------
        UnknownTopicError
            No topic has this id.
        """
        position = self._positions.get(id_)
        if position is None:
            raise self._unknown(id_)
        return position

    def resolve(self, name: str) -> str:
        """Return the id of the topic with this id, Chinese name or English name.

        White space, case and full width are forgiven.

        Raises
        ------
        UnknownTopicError
            No topic is called so; the message names the nearest.

        Examples
        --------
        >>> Taxonomy.default().resolve(" FINANCE")
        'finance'
        >>> Taxonomy.default().resolve("fraud-preventoin")
        Traceback (most recent call last):
        classifier.errors.UnknownTopicError: topic 'fraud-preventoin' is not in the taxonomy \
of 30 topics; did you mean 'fraud-prevention'?
        """
        found = self.find(name)
        if found is None:
            raise self._unknown(name)
        return found

    def find(self, name: str) -> str | None:
        """Return what `resolve` returns, or None where that raises."""
        return self._by_name.get(name) or self._by_name.get(_fold_name(name))

    def _unknown(self, name: str) -> UnknownTopicError:
        hint = near_miss(name, self._by_name) or near_miss(_fold_name(name), self._by_name)
        if not hint:
            hint = f"; its ids begin with {', '.join(map(_id_and_name, self.topics[:3]))}"
            if len(self) > 3:
                hint += "; classifier topics (--model, --taxonomy) lists all"
        size = counted(len(self), "topic")
        return UnknownTopicError(f"topic {shorten(name)} is not in the taxonomy of {size}{hint}")

    def to_dict(self) -> dict[str, Any]:
        """Return the taxonomy as plain data for JSON; attributes that are empty are left out."""
        return {"topics": [_as_entry(topic) for topic in self.topics]}

    def fingerprint(self) -> str:
        """Return the SHA-256 of the topics and their order, in hexadecimal digits."""
        canonical = json.dumps(self.to_dict(), ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()


@functools.cache
def _default_taxonomy() -> Taxonomy:
    from importlib import resources  # here, as `tomllib` is, since tagging needs neither

    file = resources.files("classifier") / "taxonomy.toml"
    return Taxonomy._from_toml(file.read_text(encoding="utf-8"), "taxonomy.toml")


def _names(topic: Topic) -> list[str]:
    return [name for name in (topic.id, topic.name, topic.name_en) if name]


def _id_and_name(topic: Topic) -> str:
    return repr(topic.id) if topic.name == topic.id else f"{topic.id!r} ({topic.name})"


def _fold_name(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


def _as_id(label: str) -> str:
    return _NOT_IN_IDS.sub("-", label.strip())


def _as_entry(topic: Topic) -> dict[str, Any]:
    """Return the topic under the keys of the file."""
    entry: dict[str, Any] = {}
    for key, attribute in _KEYS.items():
        if key != "name" and (value := getattr(topic, attribute)):
            entry[key] = value
    words = {"strong": list(topic.strong), "weak": list(topic.weak)}
    if topic.strong or topic.weak:
        entry["words"] = {strength: listed for strength, listed in words.items() if listed}
    return entry


def _read_entry(entry: object, number: int) -> Topic:
    """Return the topic of an entry; messages name it by its number and, if known, its id."""
    if not isinstance(entry, Mapping):
        raise TaxonomyError(f"topic {number}: expected a table of keys, got {shorten(entry)}")
    where = f"topic {number}"
    if isinstance(entry.get("id"), str) and entry["id"]:
        where += f" ({shorten(entry['id'])})"
    for key in entry:
        if key not in _KEYS and key != "words":
            raise TaxonomyError(f"{where}: unknown key {key!r}{near_miss(key, [*_KEYS, 'words'])}")
    if "zh" in entry and "name" in entry:
        raise TaxonomyError(f"{where}: has both zh and name, which mean the same; keep zh")
    texts: dict[str, str] = {}
    for key, attribute in _KEYS.items():
        if key in entry:
            texts[attribute] = _read_text(entry[key], f"{where}: {key}")
    for key, attribute in (("id", "id"), ("zh", "name")):
        if not texts.get(attribute):
            raise TaxonomyError(f"{where}: has no {key}; every topic needs an id and a name (zh)")
    strong, weak = _read_words(entry.get("words", []), where)
    return Topic(**texts, strong=strong, weak=weak)


def _read_text(value: object, where: str) -> str:
    if not isinstance(value, str):
        raise TaxonomyError(f"{where} must be a text, got {shorten(value)}")
    return value.strip()


def _read_words(value: object, where: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the strong and the weak words of ``[…]`` or ``{strong = […], weak = […]}``."""
    lists: Mapping[str, Any] = value if isinstance(value, Mapping) else {"strong": value}
    for strength, words in lists.items():
        if strength not in ("strong", "weak"):
            raise TaxonomyError(
                f"{where}: words has the unknown key {strength!r}; write "
                "words = [...] or words = {strong = [...], weak = [...]}"
            )
        if not isinstance(words, list):
            raise TaxonomyError(f"{where}: words must be a list of texts, got {shorten(words)}")
        for word in words:
            if not isinstance(word, str) or not word.strip():
                raise TaxonomyError(
                    f"{where}: each of words must be a text that is not empty, got {shorten(word)}"
                )
    strong, weak = (
        tuple(dict.fromkeys(word.strip() for word in lists.get(strength, [])))
        for strength in ("strong", "weak")
    )
    both = sorted(set(strong) & set(weak))
    if both:
        raise TaxonomyError(f"{where}: {both[0]!r} is both a strong and a weak word; keep one")
    return strong, weak


def _check_topic(topic: Topic, number: int) -> None:
    where = f"topic {number} ({shorten(topic.id)})"
    if not topic.id or _NOT_IN_IDS.search(topic.id):
        raise TaxonomyError(f"{where}: is no valid id; {_ID_RULE}")
    if not topic.name:
        raise TaxonomyError(f"{where}: has no zh; every topic needs an id and a name (zh)")
    for name in (topic.name, topic.name_en):
        if _NOT_IN_NAMES.search(name):
            raise TaxonomyError(
                f"{where}: the name {shorten(name)} holds | or a control character, "
                "which part names in tables; write it without"
            )


def _check_unique(topics: tuple[Topic, ...]) -> None:
    """Refuse an id or a name by which two topics would answer."""
    owners: dict[str, tuple[int, Topic]] = {}
    for number, topic in enumerate(topics, start=1):
        for name in _names(topic):
            first, owner = owners.setdefault(_fold_name(name), (number, topic))
            if first != number:
                raise TaxonomyError(
                    f"topic {number} ({shorten(topic.id)}): {name!r} already stands for "
                    f"topic {first} ({shorten(owner.id)}); ids and names must differ"
                )
