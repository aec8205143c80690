"""Rebuild the shipped models: word vectors, the public-affairs model, and their cards.

    python training/rebuild.py                                      from the repository alone
    python training/rebuild.py --extra …/real.jsonl.gz              with further labelled texts
    python training/rebuild.py --extra … --headlines …/headlines    and word vectors learned anew

Without ``--headlines`` the word vectors in ``models/`` stay as they are. The same inputs give the
same bytes with the same library versions.
"""

import argparse
import gzip
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from training.cards import classifier_card, vectors_card

from classifier.artefact import load_vectors, save, save_vectors
from classifier.corpus import Corpus, read_corpus
from classifier.taxonomy import Taxonomy
from classifier.trainer import Lexicon, Recipe, TrainingResult, evaluate, train
from training.vectors import sentences, train_vectors

HERE = Path(__file__).parent
MODELS = HERE.parent / "models"


def main() -> None:
    """Read the arguments and rebuild."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument(
        "--extra", type=Path, help="further labelled texts, JSONL, kept out of the repository"
    )
    parser.add_argument(
        "--headlines", type=Path, help="folder of raw.jsonl.gz and paragraphs.jsonl.gz"
    )
    parser.add_argument("--output", type=Path, default=MODELS, help="folder of the models")
    arguments = parser.parse_args()
    if arguments.headlines:
        rebuild_vectors(arguments.headlines, arguments.output)
    rebuild_classifier(arguments.extra, arguments.output)


def rebuild_vectors(headlines: Path, output: Path) -> None:
    """Learn word vectors from headlines and paragraphs without labels, and save them."""
    counts = {}
    texts: list[str] = []
    for name in ("raw.jsonl.gz", "paragraphs.jsonl.gz"):
        own = list(read_texts(headlines / name))
        own = sentences(own) if name.startswith("paragraphs") else own
        counts[name] = len(own)
        texts += own
    own = list(authored().texts)
    counts["training/data"] = len(own)
    say(f"learning word vectors from {len(texts) + len(own):,} texts")
    vectors = train_vectors(texts + sentences(own))
    save_vectors(
        vectors,
        output / "word-vectors",
        metadata={
            "name": "word-vectors",
            "version": "1.0.0",
            "n_words": len(vectors.words),
            "n_dimensions": int(vectors.codes.shape[1]),
            "texts": counts,
        },
        card=vectors_card(vectors, counts),
        force=True,
    )


def rebuild_classifier(extra: Path | None, output: Path) -> None:
    """Train the public-affairs model, measure it, write its card and save it."""
    own = authored()
    recipe = Recipe.from_toml(HERE / "recipes" / "public-affairs.toml")
    results = {"repository": train_on(own, recipe)}
    held_out = None
    if extra is not None:
        labelled = read_corpus(extra, taxonomy=Taxonomy.default())
        held_out = evaluate(results["repository"].model, labelled)
        results["shipped"] = train_on(own + labelled, recipe)
    shipped = results.get("shipped", results["repository"])
    card = classifier_card(results, held_out, own, extra)
    save(shipped.model, output / recipe.name, force=True, card=card)
    f1 = shipped.report.evaluation.micro.f1
    say(f"{output / recipe.name}: micro-F1 {f1.value:.4f} ({f1.low:.4f} to {f1.high:.4f})")
    for step, seconds in shipped.report.seconds.items():
        say(f"  {seconds:8.1f} s  {step}")


def train_on(corpus: Corpus, recipe: Recipe) -> TrainingResult:
    """Train with the lexicon and the word vectors of the repository."""
    say(f"training on {len(corpus.texts):,} texts")
    lexicon = Lexicon.load(HERE / "lexicon" / "topic-lexicon.tsv", corpus.taxonomy)
    return train(
        corpus,
        recipe,
        lexicon=lexicon,
        vectors=load_vectors(MODELS / recipe.vectors),
        progress=lambda done, total, step: say(f"  [{done}/{total}] {step}"),
    )


def authored() -> Corpus:
    """Return the labelled texts of the repository."""
    files = sorted((HERE / "data").glob("*.jsonl"))
    corpora = [read_corpus(file, taxonomy=Taxonomy.default()) for file in files]
    whole = corpora[0]
    for corpus in corpora[1:]:
        whole = whole + corpus
    return whole


def read_texts(path: Path) -> Iterator[str]:
    """Yield the texts of a gzipped JSONL file."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)["text"]


def say(message: str) -> None:
    """Print a line with the time of day."""
    print(time.strftime("%H:%M:%S"), message, flush=True)


if __name__ == "__main__":
    main()
