"""Labelled texts in memory: labels, reprints, fingerprint, folds."""

import random
from collections.abc import Sequence

import numpy as np
import pytest

from classifier.corpus import Corpus, Example, group_reprints
from classifier.corpus.reprints import MIN_SHARED
from classifier.errors import DataError
from classifier.taxonomy import Taxonomy

TAXONOMY = Taxonomy.from_ids(["water", "energy", "health"])
HAN = [chr(code) for code in range(0x4E00, 0x5200)]


def corpus_of(*rows: tuple[str, Sequence[str]], exclusive: bool = False) -> Corpus:
    return Corpus(tuple(Example(text, tuple(t)) for text, t in rows), TAXONOMY, exclusive)


def random_texts(n_texts: int, n_chars: int, seed: int = 0) -> list[str]:
    draw = random.Random(seed)
    return ["".join(draw.choices(HAN, k=n_chars)) for _ in range(n_texts)]


# The corpus


def test_labels_are_an_indicator_matrix() -> None:
    corpus = corpus_of(("甲", ["energy", "water"]), ("乙", []), ("丙", ["health"]))
    Y = corpus.labels()
    assert Y.dtype == np.int8
    assert Y.tolist() == [[1, 1, 0], [0, 0, 0], [0, 0, 1]]
    assert corpus.texts == ("甲", "乙", "丙")
    assert corpus.kinds == ("headline",) * 3
    assert len(corpus) == 3
    assert [example.text for example in corpus] == ["甲", "乙", "丙"]


def test_an_empty_corpus_has_empty_arrays() -> None:
    corpus = corpus_of()
    assert corpus.labels().shape == (0, 3)
    assert corpus.groups().shape == (0,)
    assert corpus.texts == ()


def test_a_topic_must_be_in_the_taxonomy() -> None:
    with pytest.raises(
        DataError, match=r"example 2: topic 'watr' is not in the taxonomy .* did you mean 'water'"
    ):
        corpus_of(("甲", []), ("乙", ["watr"]))


def test_topics_must_not_be_one_text() -> None:
    with pytest.raises(TypeError, match="example 1: topics must be a tuple of ids, got 'water'"):
        Corpus((Example("甲", "water"),), TAXONOMY)  # type: ignore[arg-type]


@pytest.mark.parametrize("topics", [[], ["water", "energy"]])
def test_a_text_of_an_exclusive_corpus_has_one_topic(topics: list[str]) -> None:
    with pytest.raises(DataError, match=rf"example 1, '甲': has {len(topics)} topics, and a text"):
        corpus_of(("甲", topics), exclusive=True)
    assert corpus_of(("甲", ["water"]), exclusive=True).exclusive


def test_corpora_of_one_taxonomy_are_joined() -> None:
    first, second = corpus_of(("甲", ["water"])), corpus_of(("乙", []))
    assert (first + second).texts == ("甲", "乙")
    other = Corpus((), Taxonomy.from_ids(["a"]))
    with pytest.raises(DataError, match="different taxonomies, of 3 and 1 topics; read both with"):
        first + other
    with pytest.raises(DataError, match="one corpus is exclusive and the other is not"):
        first + corpus_of(("乙", ["water"]), exclusive=True)


def test_a_subset_keeps_the_order_asked_for() -> None:
    corpus = corpus_of(("甲", ["water"]), ("乙", []), ("丙", ["health"]))
    assert corpus.subset([2, 0]).texts == ("丙", "甲")
    assert corpus.subset(np.array([], dtype=np.int64)).texts == ()
    assert corpus.subset([0]).taxonomy is corpus.taxonomy


def test_topics_that_no_text_has_can_be_left_out() -> None:
    corpus = corpus_of(("甲", ["health"]), ("乙", []), ("丙", ["water"]))
    seen = corpus.with_seen_topics()
    assert seen.taxonomy.ids == ("water", "health")
    assert seen.examples == corpus.examples
    assert seen.with_seen_topics() is seen
    nothing = corpus_of(("甲", []))
    assert nothing.with_seen_topics() is nothing
    assert corpus_of(("甲", ["water"]), exclusive=True).with_seen_topics().exclusive


def test_the_fingerprint_changes_with_anything_that_training_sees() -> None:
    base = Example("甲", ("water",), "headline", {"source": "晚报", "n": 1})
    others = [
        base,
        Example("乙", ("water",), "headline", base.extra),
        Example("甲", ("energy",), "headline", base.extra),
        Example("甲", ("water",), "paragraph", base.extra),
        Example("甲", ("water",), "headline", {"source": "日报", "n": 1}),
        Example("甲\ud83d", ("water",)),
    ]
    prints = [Corpus((example,), TAXONOMY).fingerprint() for example in others]
    assert len(set(prints)) == len(others)
    swapped = Example("甲", ("water",), "headline", {"n": 1, "source": "晚报"})
    assert Corpus((swapped,), TAXONOMY).fingerprint() == prints[0]
    assert len(prints[0]) == 64


# Reprints


@pytest.mark.parametrize(
    ("left", "right", "together"),
    [
        ("石桥乡三千亩旱地今年用上滴灌", "石桥乡三千亩旱地，今年用上滴灌！", True),
        ("石桥乡三千亩旱地今年用上滴灌", " 石橋鄉三千畝旱地 今年用上滴灌", True),
        ("石桥乡３千亩旱地今年用上滴灌", "石桥乡3千亩旱地今年用上滴灌", True),
        ("石桥乡三千亩旱地今年用上滴灌", "石桥乡三千亩旱地今年用上滴灌_某某网", True),
        ("石桥乡三千亩旱地今年用上滴灌", "【快讯】石桥乡三千亩旱地今年用上滴灌", True),
        ("石桥乡三千亩旱地今年用上滴灌", "石桥乡三千亩旱田今年用上滴灌", True),
        ("石桥乡三千亩旱地今年用上滴灌", "沙湖镇三千亩旱地今年用上滴灌", False),
        ("石桥乡三千亩旱地今年用上滴灌", "石桥乡今年用上滴灌", False),
        ("开学第一课", "开学第二课", False),
        ("好", "好", True),
        ("好", "坏", False),
        ("", "！", True),
        ("", "好", False),
    ],
)
def test_what_counts_as_a_reprint(left: str, right: str, together: bool) -> None:
    groups = group_reprints([left, "社区里开了共享书房", right]).tolist()
    assert groups == ([0, 1, 0] if together else [0, 1, 2])


def test_groups_are_numbered_as_they_come_up() -> None:
    groups = group_reprints(["乙" * 3, "甲" * 3, "乙" * 3, "丙" * 3, "甲" * 3])
    assert groups.dtype == np.int64
    assert groups.tolist() == [0, 1, 0, 2, 1]
    assert group_reprints([]).tolist() == []


def test_texts_linked_by_another_are_of_one_group() -> None:
    # The first and the last alone share too little.
    story = "石桥乡三千亩旱地今年用上滴灌"
    chain = [story, story.replace("今年", "去年"), story.replace("今年用上滴", "去年用上喷")]
    assert group_reprints(chain).tolist() == [0, 0, 0]
    assert group_reprints([chain[0], chain[2]]).tolist() == [0, 1]


def pairs_of(text: str) -> set[str]:
    return {text[at : at + 2] for at in range(len(text) - 1)}


@pytest.mark.parametrize("n_chars", [8, 20, 200])
def test_groups_are_those_of_comparing_each_with_each(n_chars: int) -> None:
    draw = random.Random(1)
    texts = random_texts(120, n_chars)
    for text in texts[:60]:
        changed = list(text)
        for at in draw.sample(range(n_chars), draw.randint(1, max(1, n_chars // 6))):
            changed[at] = draw.choice(HAN)
        texts.append("".join(changed))
    expected = list(range(len(texts)))
    for left, a in enumerate(texts):
        for right, b in enumerate(texts[:left]):
            shared = len(pairs_of(a) & pairs_of(b)) / len(pairs_of(a) | pairs_of(b))
            if shared >= MIN_SHARED:
                low, high = sorted((expected[left], expected[right]))
                expected = [low if group == high else group for group in expected]
    found = group_reprints(texts)
    numbers = {group: number for number, group in enumerate(dict.fromkeys(expected))}
    assert found.tolist() == [numbers[group] for group in expected]
    assert len(numbers) < len(texts)


def test_many_copies_of_one_story_are_one_group() -> None:
    # More than a bucket's neighbours, so that they are linked step by step.
    story = random_texts(1, 30)[0]
    copies = [story[:at] + "变" + story[at + 1 :] for at in range(30)] * 3
    assert set(group_reprints([*copies, *random_texts(200, 30, seed=5)])[:90].tolist()) == {0}


def test_groups_are_found_once_and_cannot_be_changed() -> None:
    corpus = corpus_of(("甲甲甲", []), ("甲甲甲", []))
    assert corpus.groups() is corpus.groups()
    with pytest.raises(ValueError, match="read-only"):
        corpus.groups()[0] = 5


# Folds and splits


@pytest.fixture(scope="module")
def large() -> Corpus:
    draw = random.Random(3)
    texts = random_texts(400, 20)
    texts += texts[:80]
    rows = [(text, draw.sample(TAXONOMY.ids, draw.choice([0, 1, 1, 2]))) for text in texts]
    rows[5:25] = [(text, ["health"]) for text, _ in rows[5:25]]
    return corpus_of(*rows)


def test_folds_keep_reprints_together_and_topics_balanced(large: Corpus) -> None:
    folds = large.folds(5, seed=1)
    assert folds.dtype == np.int64
    fold_of_group: dict[int, int] = {}
    for group, fold in zip(large.groups().tolist(), folds.tolist(), strict=True):
        assert fold_of_group.setdefault(group, fold) == fold
    assert np.ptp(np.bincount(folds, minlength=5)) <= 2
    per_fold = np.stack([large.labels()[folds == fold].sum(axis=0) for fold in range(5)])
    assert np.ptp(per_fold, axis=0).max() <= 4


def test_a_rare_topic_is_in_as_many_folds_as_it_has_texts() -> None:
    texts = random_texts(60, 20)
    corpus = corpus_of(*[(text, ["health"]) for text in texts[:3]], *[(t, []) for t in texts[3:]])
    for seed in range(5):
        assert len(set(corpus.folds(3, seed=seed)[:3].tolist())) == 3


@pytest.mark.parametrize("topics", [[], ["water"]])
def test_a_story_told_many_times_does_not_tip_the_folds(topics: list[str]) -> None:
    story, *texts = random_texts(71, 20)
    corpus = corpus_of(*[(text, topics) for text in [*texts, *[story] * 30]])
    for seed in range(10):
        assert np.bincount(corpus.folds(2, seed=seed)).tolist() == [50, 50]


def test_folds_depend_on_the_seed_alone(large: Corpus) -> None:
    assert large.folds(4, seed=2).tolist() == large.folds(4, seed=2).tolist()
    assert large.folds(4, seed=2).tolist() != large.folds(4, seed=3).tolist()


def test_folds_need_stories_enough() -> None:
    corpus = corpus_of(("甲甲甲", []), ("甲甲甲", []), ("乙乙乙", []))
    assert sorted(corpus.folds(2).tolist()) in ([0, 0, 1], [0, 1, 1])
    with pytest.raises(DataError, match="has 2 different texts, reprints set aside, too few for 3"):
        corpus.folds(3)
    with pytest.raises(ValueError, match="n_folds must be at least 2, got 1"):
        corpus.folds(1)


def test_a_split_has_the_shares_asked_for(large: Corpus) -> None:
    parts = large.split(0.7, 0.2, 0.1, seed=4)
    assert sum(map(len, parts)) == len(large)
    assert [len(part) / len(large) for part in parts] == pytest.approx([0.7, 0.2, 0.1], abs=0.01)
    shares = parts[0].labels().sum(axis=0) / large.labels().sum(axis=0)
    assert shares.tolist() == pytest.approx([0.7] * 3, abs=0.05)
    stories = [set(part.texts) for part in parts]
    assert not stories[0] & stories[1]
    assert not stories[0] & stories[2]
    assert not stories[1] & stories[2]


@pytest.mark.parametrize("shares", [(1.0,), (0.5, 0.4), (1.2, -0.2), ()])
def test_shares_must_make_a_whole(large: Corpus, shares: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="two or more above 0 that sum to 1"):
        large.split(*shares)


def test_texts_made_from_templates_do_not_flow_together() -> None:
    places = ["青川县", "沙湖镇", "北山街道", "柳河村", "东海市", "石桥乡", "云岭区", "白塔社区"]
    works = ["修通水渠", "清淤河道", "医院义诊", "接种疫苗", "开学第一课", "校车接送学生"]
    texts = [f"{place}：{work}，受到欢迎" for place in places for work in works]
    assert np.bincount(group_reprints(texts)).max() == 1
