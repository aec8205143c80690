import pickle
from pathlib import Path

import pytest

from classifier.errors import TaxonomyError, UnknownTopicError
from classifier.taxonomy import Taxonomy, Topic

SMALL = """\
[[topic]]
id = "trees"
zh = "种树"
en = "Trees"
group = "nature"
about = "植树造林"
not = "果树归 fruit"
words = {strong = ["植树", "造林"], weak = ["树苗"]}

[[topic]]
id = "水果"
name = "水果"
words = ["果园"]
"""


@pytest.fixture
def small(tmp_path: Path) -> Taxonomy:
    return Taxonomy.load(write(tmp_path, SMALL))


def write(folder: Path, text: str) -> Path:
    path = folder / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_default_taxonomy_has_thirty_topics_with_all_names() -> None:
    taxonomy = Taxonomy.default()
    assert len(taxonomy) == 30
    assert len({topic.group for topic in taxonomy}) == 7
    assert all(topic.name and topic.name_en and topic.about for topic in taxonomy)
    fraud = taxonomy["fraud-prevention"]
    assert (fraud.name, fraud.name_en, fraud.group) == ("反诈防骗", "Fraud prevention", "safety")
    assert "fraud-prevention" in taxonomy["digital-economy"].excludes


def test_a_users_file_gives_every_attribute(small: Taxonomy) -> None:
    assert small.topics == (
        Topic(
            id="trees",
            name="种树",
            name_en="Trees",
            group="nature",
            about="植树造林",
            excludes="果树归 fruit",
            strong=("植树", "造林"),
            weak=("树苗",),
        ),
        Topic(id="水果", name="水果", strong=("果园",)),
    )
    assert list(small) == list(small.topics)


def test_a_file_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(SMALL, encoding="utf-8-sig")
    assert Taxonomy.load(str(path)).ids == ("trees", "水果")


def test_topics_are_known_by_id_and_position(small: Taxonomy) -> None:
    assert small.ids == ("trees", "水果")
    assert "trees" in small
    assert "种树" not in small
    assert [small.index(id_) for id_ in small.ids] == [0, 1]
    with pytest.raises(UnknownTopicError, match=r"topic 'tree' .* did you mean 'trees'\?"):
        small.index("tree")


@pytest.mark.parametrize("name", ["trees", "种树", "Trees", " TREES ", "ｔｒｅｅｓ", "种 树"])
def test_ids_and_names_resolve_with_case_space_and_width_forgiven(
    small: Taxonomy, name: str
) -> None:
    assert small.resolve(name) == "trees"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "反诈防编",
            r"topic '反诈防编' is not in the taxonomy of 30 topics; did you mean '反诈防骗'\?",
        ),
        ("教肓", r"topic '教肓' is not in the taxonomy of 30 topics; did you mean '教育'\?"),
        ("SPROTS", r"topic 'SPROTS' is not in the taxonomy of 30 topics; did you mean 'sports'\?"),
        (
            "量子纠缠",
            r"its ids begin with 'digital-economy' \(数字经济\).*; classifier topics .* lists all$",
        ),
        ("", "topic '' is not in the taxonomy of 30 topics"),
    ],
)
def test_an_unknown_name_is_told_with_the_nearest_one(name: str, message: str) -> None:
    with pytest.raises(UnknownTopicError, match=message):
        Taxonomy.default().resolve(name)


def test_a_taxonomy_of_one_says_topic_not_topics() -> None:
    with pytest.raises(
        UnknownTopicError, match=r"the taxonomy of 1 topic; its ids begin with 'a'$"
    ):
        Taxonomy.from_ids(["a"]).resolve("xyz")


def test_labels_become_topics_whose_name_is_the_label() -> None:
    taxonomy = Taxonomy.from_ids(["财经", " Sci Tech", "股票、基金"])
    assert [(topic.id, topic.name) for topic in taxonomy] == [
        ("财经", "财经"),
        ("Sci-Tech", "Sci Tech"),
        ("股票-基金", "股票、基金"),
    ]
    assert taxonomy.resolve("股票、基金") == "股票-基金"


def test_labels_that_resolve_to_one_topic_are_one() -> None:
    labels = ["Sci Tech", "sci-tech", "ＳＣＩ　TECH", "甲", "甲"]
    taxonomy = Taxonomy.from_ids(labels)
    assert taxonomy.ids == ("Sci-Tech", "甲")
    assert [taxonomy.find(label) for label in labels] == ["Sci-Tech"] * 3 + ["甲"] * 2
    assert taxonomy.find("乙") is None


def test_plain_data_gives_the_same_taxonomy_back(small: Taxonomy) -> None:
    for taxonomy in (small, Taxonomy.default()):
        again = Taxonomy.from_dict(taxonomy.to_dict())
        assert again == taxonomy
        assert again.fingerprint() == taxonomy.fingerprint()
    # Worker processes are handed models, and with them the taxonomy.
    assert pickle.loads(pickle.dumps(small)) == small


def test_plain_data_leaves_out_what_is_empty(small: Taxonomy) -> None:
    assert small.to_dict()["topics"][1] == {
        "id": "水果",
        "zh": "水果",
        "words": {"strong": ["果园"]},
    }
    assert "words" not in Taxonomy.from_ids(["甲"]).to_dict()["topics"][0]


def test_the_fingerprint_tells_order_and_names_apart(small: Taxonomy) -> None:
    prints = {
        small.fingerprint(),
        Taxonomy(small.topics[::-1]).fingerprint(),
        Taxonomy.from_ids(small.ids).fingerprint(),
    }
    assert len(prints) == 3
    assert all(len(digest) == 64 for digest in prints)


@pytest.mark.parametrize("data", [{}, {"topics": {"id": "a"}}])
def test_plain_data_without_a_list_of_topics_is_refused(data: dict[str, object]) -> None:
    with pytest.raises(TaxonomyError, match="topics: expected a list, got"):
        Taxonomy.from_dict(data)


A, B = '[[topic]]\nid = "a"\nzh = "甲"\n', '[[topic]]\nid = "b"\nzh = "乙"\n'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"holds no \[\[topic\]\] entry"),
        ("topic = []", r"holds no \[\[topic\]\] entry"),
        ("[[topic]\n", "is no valid TOML: .*line 1"),
        ("[[topics]]\nid='a'", r"unknown key 'topics'; topics stand in \[\[topic\]\] entries"),
        ("topic = 'a'", "topics: expected a list, got 'a'"),
        ("topic = ['a']", "topic 1: expected a table of keys, got 'a'"),
        (A + '[[topic]]\nzh = "乙"', "topic 2: has no id; every topic needs an id and a name"),
        (A + '[[topic]]\nid = "b"', r"topic 2 \('b'\): has no zh; every topic needs"),
        (A + '[[topic]]\nid = "b"\nzh = " "', r"topic 2 \('b'\): has no zh; every topic needs"),
        ("[[topic]]\nid = 3\nzh='甲'", "topic 1: id must be a text, got 3"),
        (A + "en = ['A']", r"topic 1 \('a'\): en must be a text, got \['A'\]"),
        (A + "abuot = 'x'", r"topic 1 \('a'\): unknown key 'abuot'; did you mean 'about'\?"),
        (A + "name = '甲'", r"topic 1 \('a'\): has both zh and name"),
        (A + B + A, r"topic 3 \('a'\): 'a' already stands for topic 1 \('a'\)"),
        (A + '[[topic]]\nid="b"\nzh="甲"', r"topic 2 \('b'\): '甲' already stands for topic 1"),
        (A + '[[topic]]\nid="甲"\nzh="乙"', r"topic 2 \('甲'\): '甲' already stands for topic 1"),
        (A + "[[topic]]\nid='A'\nzh='乙'", r"topic 2 \('A'\): 'A' already stands for topic 1"),
        ("[[topic]]\nid='a b'\nzh='甲'", r"topic 1 \('a b'\): is no valid id; an id is any text"),
        ("[[topic]]\nid='a|b'\nzh='甲'", r"topic 1 \('a\|b'\): is no valid id"),
        ("[[topic]]\nid='甲、乙'\nzh='甲'", r"topic 1 \('甲、乙'\): is no valid id"),
        ("[[topic]]\nid='a'\nzh='甲|乙'", r"topic 1 \('a'\): the name '甲\|乙' holds \|"),
        (A + "words = '词'", r"topic 1 \('a'\): words must be a list of texts, got '词'"),
        (A + "words = ['词', 1]", r"topic 1 \('a'\): each of words must be a text .*, got 1"),
        (A + "words = [' ']", r"topic 1 \('a'\): each of words must be a text that is not empty"),
        (A + "words = {sure = []}", r"topic 1 \('a'\): words has the unknown key 'sure'; write"),
        (
            A + "words = {strong = ['词'], weak = ['词']}",
            r"topic 1 \('a'\): '词' is both a strong and a weak word",
        ),
    ],
)
def test_a_broken_file_is_told_with_its_entry(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(TaxonomyError, match=rf"^.*mine\.toml: {message}"):
        Taxonomy.load(write(tmp_path, text))


def test_a_file_that_is_missing_or_no_utf8_is_told(tmp_path: Path) -> None:
    with pytest.raises(TaxonomyError, match=r"none\.toml: cannot be read: No such file"):
        Taxonomy.load(tmp_path / "none.toml")
    path = tmp_path / "mine.toml"
    path.write_bytes('zh = "反诈"'.encode("gb18030"))
    with pytest.raises(TaxonomyError, match=r"mine\.toml: byte 6 is not UTF-8; save the file"):
        Taxonomy.load(path)


def test_topics_made_in_python_obey_the_same_rules() -> None:
    with pytest.raises(TaxonomyError, match="at least one topic, got none"):
        Taxonomy(())
    with pytest.raises(TaxonomyError, match=r"topic 1 \('a'\): has no zh"):
        Taxonomy((Topic("a", ""),))
    with pytest.raises(TaxonomyError, match=r"topic 1 \(''\): is no valid id"):
        Taxonomy.from_ids([""])
    twice = Topic("a", "甲")
    with pytest.raises(TaxonomyError, match=r"topic 2 \('a'\): 'a' already stands for topic 1"):
        Taxonomy((twice, twice))


def test_words_are_stripped_and_kept_once(tmp_path: Path) -> None:
    taxonomy = Taxonomy.load(write(tmp_path, A + "words = [' 词 ', '词', '语']"))
    assert taxonomy.topics[0].strong == ("词", "语")
