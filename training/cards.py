"""The cards of the shipped models, written from what was measured."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from classifier.corpus import Corpus
from classifier.metrics import Evaluation
from classifier.report import CorpusNote, ScoreNote, training_card
from classifier.report.card import out_of_fold_scores
from classifier.trainer import TrainingResult
from classifier.vectors import WordVectors

SUMMARY = (
    "Topics of Chinese public-affairs headlines and paragraphs: 30 topics, none to several a text, "
    "each with a calibrated probability, and a decision a text. One linear model a topic over "
    "TF-IDF of words and characters, single and in pairs; a lexicon and word vectors took part in "
    "training and are folded into the weights."
)
LIMITS = (
    (
        "The authored texts and all labels come from a large language model that read or wrote "
        "each text under the project's rules. Two blind readings of 2,000 texts agree with each "
        "other at micro-F1 0.929 (training/readers.tsv)."
    ),
    (
        "Scores by cross-validation are on the mix of texts trained on, and thresholds were chosen "
        "on the same probabilities. Texts from elsewhere may be harder; with --sources the rebuild "
        "measures that, source by source."
    ),
    "Diplomacy, leaders' meetings, the military, gossip, games and slogans have no topic by rule.",
    "Numbers, irony and what is not written in the text are beyond a linear model.",
)
REBUILD = (
    "make rebuild  # from the repository alone; as shipped:\n"
    'make rebuild ARGS="--extra real.jsonl.gz --headlines headlines --benchmarks benchmarks"'
)


def measured(on: str, evaluation: Evaluation) -> ScoreNote:
    """Return what the card says of scores on texts that were held out, `on` saying which."""
    return replace(out_of_fold_scores(evaluation.to_dict()), on=on)


def classifier_card(
    result: TrainingResult, corpora: Mapping[str, Corpus], scores: Sequence[ScoreNote]
) -> str:
    """Return the card of a classifier.

    Parameters
    ----------
    corpora : name to what was trained on
    scores : scores besides those of its own cross-validation
    """
    report = result.report
    return training_card(
        report.to_dict(),
        corpus=", ".join(corpora),
        corpora=[corpus_note(name, corpus) for name, corpus in corpora.items()],
        scores=scores,
        topics=result.model.topics,
        thresholds=result.model.thresholds.to_dict(),
        summary=SUMMARY,
        limits=LIMITS,
        rebuild=REBUILD,
    )


def corpus_note(name: str, corpus: Corpus) -> CorpusNote:
    """Return what the card says of a corpus."""
    own = name == "training/data"
    remark = "real texts; only weights are shipped"
    if name == "training/labels.tsv":
        remark = "real texts; their labels and weights are shipped"
    return CorpusNote(
        name=name,
        n_texts=len(corpus.texts),
        sha256=corpus.fingerprint(),
        licence="MIT, the project's" if own else "its publishers'; not redistributed",
        remark="authored for this project" if own else remark,
    )


def alone_section(alone: Evaluation, shipped: Evaluation) -> str:
    """Return how the model that anyone can rebuild does beside the shipped one, on equal texts.

    Parameters
    ----------
    alone, shipped : out-of-fold scores of a model of the repository's own data alone, and of all;
        both have the own texts' rounds as a slice
    """
    of_alone, of_shipped = (
        {int(row.value): (row.n_texts, row.f1.value) for row in rows if row.value and row.f1}
        for rows in (alone.slices["round"], shipped.slices["round"])
    )
    lines = [
        f"| {number} | {n_texts:,} | {f1:.4f} | {of_shipped[number][1]:.4f} |"
        for number, (n_texts, f1) in sorted(of_alone.items())
        if number in of_shipped
    ]
    return (
        "## Rebuilt from the repository alone\n\n"
        "Micro-F1 on the repository's own texts, by round, each text scored by a model trained "
        "without it and its reprints:\n\n"
        "| round | texts | own data alone | shipped |\n| --- | --- | --- | --- |\n"
        + "\n".join(lines)
        + "\n"
    )


def vectors_card(vectors: WordVectors, counts: Mapping[str, int], version: str, min_df: int) -> str:
    """Return the card of word vectors.

    Parameters
    ----------
    counts : texts that they were learned from, by name
    version : of the vectors
    min_df : texts that a word must stand in
    """
    rows = "\n".join(f"| {name} | {n:,} |" for name, n in counts.items())
    examples = []
    for word in ("枸杞", "光伏", "诈骗", "残疾人", "招生"):
        if word in vectors.words:
            near = "、".join(other for other, _ in vectors.neighbours(word, 6))
            examples.append(f"- {word}: {near}")
    return f"""# word-vectors {version}

Vectors of {len(vectors.words):,} Chinese words in {vectors.codes.shape[1]} dimensions, one byte a \
number, learned from headlines and sentences without labels: words that stand in the same text \
more often than chance would have it point alike. Training uses them so that what is learned of \
one word holds for its like; tagging never loads them.

## Learned from

| texts | number |
|---|---:|
{rows}

The texts belong to their publishers and are not part of this; no text can be read out of the \
vectors.

## Method

Positive pointwise mutual information of words in one text, context exponent 0.75, reduced by a \
randomised singular value decomposition; `training/vectors.py`, seed 0.

## Neighbours

{chr(10).join(examples)}

## Limits

Words in fewer than {min_df} texts have no vector. The texts are news of 2005 to 2026, mostly \
national; likes and dislikes of that press are in the vectors too.
"""
