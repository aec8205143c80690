"""The public sets of Chinese headlines: where their files are, and what others reached on them."""

import csv
import lzma
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from classifier.corpus import Corpus, Example
from classifier.taxonomy import Taxonomy
from classifier.text import normalize

THUCNEWS_CODE = "README of 649453932/Chinese-Text-Classification-Pytorch"
CLUE = "PaddleNLP, examples/benchmark/clue/README.md"
TNEWS_HALF = "README of Frank-ZYW/Chinese-Text-Classification; half of dev, best of 5"
NLPCC_PAPER = "Qiu, Gong, Huang, arXiv 1706.02883"
NLPCC_LINEAR = "README of WENGIF/youmin_textclassifier"


@dataclass(frozen=True, slots=True)
class Published:
    """An accuracy in percent that someone published, and where it can be read."""

    model: str
    accuracy: float
    source: str


@dataclass(frozen=True, slots=True)
class BenchmarkSet:
    """A public set with its official splits.

    Attributes
    ----------
    name, title : for the command, and for people
    folder : under the folder of all sets; holds ``train.tsv.xz`` and so on
    final : the split that results are quoted on, ``"test"``, or ``"dev"`` where the labels of the
        test split are not public
    goal : accuracy in percent to reach there
    published : what others reached there
    """

    name: str
    title: str
    folder: str
    final: str
    goal: float
    published: tuple[Published, ...]

    def read(self, data: Path, split: str) -> tuple[list[str], list[str]]:
        """Return the texts of a split and their labels."""
        path = data / self.folder / f"{split}.tsv.xz"
        with lzma.open(path, "rt", encoding="utf-8", newline="\n") as lines:
            rows = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
        return [row["text"] for row in rows], [row["label"] for row in rows]


SETS = {
    one.name: one
    for one in (
        BenchmarkSet(
            "thucnews",
            "THUCNews titles, 10 classes",
            "thucnews_title10",
            "test",
            94.0,
            (
                Published("TextCNN", 91.22, THUCNEWS_CODE),
                Published("TextRNN (BiLSTM)", 91.12, THUCNEWS_CODE),
                Published("DPCNN", 91.25, THUCNEWS_CODE),
                Published("fastText (words, pairs, triples)", 92.23, THUCNEWS_CODE),
                Published("ERNIE", 94.61, THUCNEWS_CODE),
                Published("BERT", 94.83, THUCNEWS_CODE),
            ),
        ),
        BenchmarkSet(
            "tnews",
            "TNEWS (CLUE 1.1), 15 classes",
            "tnews_clue",
            "dev",
            58.5,
            (
                Published("TextCNN (characters)", 49.26, TNEWS_HALF),
                Published("fastText (words)", 54.7, TNEWS_HALF),
                Published("BERT-base", 57.13, CLUE),
                Published("RoBERTa-wwm-ext", 58.08, CLUE),
                Published("ERNIE 3.0 base", 58.26, CLUE),
                Published("RoBERTa-wwm-ext-large", 59.33, CLUE),
                Published("ERNIE 2.0 large", 59.67, CLUE),
            ),
        ),
        BenchmarkSet(
            "nlpcc",
            "NLPCC 2017 headlines, 18 classes",
            "nlpcc2017_headline18",
            "test",
            83.0,
            (
                Published("LSTM", 74.7, NLPCC_PAPER),
                Published("CNN", 76.3, NLPCC_PAPER),
                Published("NBoW", 78.3, NLPCC_PAPER),
                Published("fastText (n-grams)", 74.5, NLPCC_LINEAR),
                Published("logistic regression on word vectors", 79.4, NLPCC_LINEAR),
                Published(
                    "CNN, GRU and SVM by vote (macro-F1)", 81.0, "doi 10.1007/978-3-319-73618-1_69"
                ),
            ),
        ),
    )
}


def as_corpus(texts: Iterable[str], labels: Iterable[str]) -> Corpus:
    """Return texts of classes that exclude each other, classes in the order of their names."""
    pairs = list(zip(texts, labels, strict=True))
    taxonomy = Taxonomy.from_ids(sorted({label for _, label in pairs}))
    return Corpus(tuple(Example(text, (label,)) for text, label in pairs), taxonomy, exclusive=True)


def training_titles(data: Path, *, but: str = "") -> list[str]:
    """Return the titles of the training splits of all sets, or of all but the one of that name."""
    return [
        text for name, one in SETS.items() if name != but for text in one.read(data, "train")[0]
    ]


def without(texts: Iterable[str], forbidden: Iterable[str]) -> tuple[list[str], int]:
    """Return each text once, but for those of `forbidden`, and how many these were.

    Texts are forbidden if their normal form is, white space aside.
    """
    out = {title_key(text) for text in forbidden}
    once = list(dict.fromkeys(texts))
    kept = [text for text in once if title_key(text) not in out]
    return kept, len(once) - len(kept)


def title_key(text: str) -> str:
    """Return what two titles share that are the same but for white space and width."""
    return normalize(text).replace(" ", "")
