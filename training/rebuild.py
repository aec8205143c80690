"""Rebuild the shipped models: word vectors, the public-affairs model, and their cards.

    python training/rebuild.py                                      from the repository alone
    python training/rebuild.py --extra …/real.jsonl.gz              with further labelled texts
    python training/rebuild.py --extra … --headlines …/headlines --benchmarks …/benchmarks
                                                                    as shipped

``--headlines`` names a folder with raw.jsonl.gz and paragraphs.jsonl.gz, ``--benchmarks`` that of
the public sets, of which only the training titles are read, not their classes. From both word
vectors are learned anew, and the labels in ``training/labels.tsv`` find their texts there. Without
``--headlines`` the word vectors in ``models/`` stay as they are. Labels in ``training/labels.tsv``
of texts that ``--extra`` holds take the place of its own: they are later readings. The same inputs
give the same bytes with the same library versions.
"""

import argparse
import functools
import gzip
import hashlib
import json
import operator
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from classifier.artefact import load_vectors, save, save_vectors
from classifier.corpus import Corpus, Example, read_corpus
from classifier.taxonomy import Taxonomy
from classifier.trainer import Lexicon, Recipe, TrainingResult, evaluate, train
from classifier.trainer.fitting import Run
from classifier.trainer.priors import Priors
from training.benchmarks.sets import SETS, training_titles, without
from training.cards import alone_section, classifier_card, measured, vectors_card
from training.sources import leave_one_source_out, weights
from training.vectors import sentences, train_vectors

Labels = Mapping[str, tuple[str, tuple[str, ...]]]

HERE = Path(__file__).parent
MODELS = HERE.parent / "models"
VECTORS_VERSION = "1.7.0"
# Texts that a word with a shipped vector stands in: fewer, and the artefact is over 10 MB.
VECTORS_MIN_DF = 10


def main() -> None:
    """Read the arguments and rebuild."""
    parser = argparse.ArgumentParser(description="Rebuild the shipped models.")
    parser.add_argument("--extra", type=Path, help="further labelled texts, JSONL")
    parser.add_argument("--headlines", type=Path, help="folder of headlines without labels")
    parser.add_argument("--benchmarks", type=Path, help="folder of the public sets")
    parser.add_argument("--output", type=Path, default=MODELS, help="folder of the models")
    parser.add_argument("--sources", action="store_true", help="measure on sources left out, too")
    arguments = parser.parse_args()
    models = MODELS
    if arguments.headlines:
        models = arguments.output
        rebuild_vectors(arguments.headlines, arguments.benchmarks, models)
    corpora = labelled(arguments.extra, arguments.headlines, arguments.benchmarks)
    rebuild_classifier(corpora, models, arguments.output, with_sources=arguments.sources)


def labelled(
    extra: Path | None, headlines: Path | None, benchmarks: Path | None
) -> dict[str, Corpus]:
    """Return what there is to train on: the repository's own texts first, then others by name."""
    corpora = {"training/data": authored()}
    labels = read_labels()
    if extra:
        corpora[extra.name] = relabelled(read_corpus(extra, taxonomy=Taxonomy.default()), labels)
    if headlines or benchmarks:
        known = {text_key(text) for corpus in corpora.values() for text in corpus.texts}
        wanted = {key: label for key, label in labels.items() if key not in known}
        texts = texts_without_topics(headlines, benchmarks)
        corpora["training/labels.tsv"] = labelled_by_hash(texts, wanted)
    return corpora


def texts_without_topics(
    headlines: Path | None, benchmarks: Path | None
) -> Iterator[tuple[str, str]]:
    """Yield texts and their sources from the folders of headlines and of public sets."""
    if headlines:
        yield from read_texts_and_sources(headlines / "raw.jsonl.gz")
        yield from read_texts_and_sources(headlines / "paragraphs.jsonl.gz")
    if benchmarks:
        for one in SETS.values():
            for text in one.read(benchmarks, "train")[0]:
                yield text, f"{one.folder}/train"


def rebuild_vectors(headlines: Path, benchmarks: Path | None, output: Path) -> None:
    """Learn word vectors from headlines and paragraphs without labels, and save them."""
    first = list(read_texts(headlines / "raw.jsonl.gz"))
    parts = {
        "headlines": first,
        "sentences of paragraphs": sentences(read_texts(headlines / "paragraphs.jsonl.gz")),
        "training/data": sentences(authored().texts),
    }
    if benchmarks:
        parts["titles of public sets"] = without(training_titles(benchmarks), first)[0]
    counts = {name: len(texts) for name, texts in parts.items()}
    say(f"learning word vectors from {sum(counts.values()):,} texts")
    texts = [text for of_part in parts.values() for text in of_part]
    vectors = train_vectors(texts, min_df=VECTORS_MIN_DF)
    save_vectors(
        vectors,
        output / "word-vectors",
        metadata={
            "name": "word-vectors",
            "version": VECTORS_VERSION,
            "n_words": len(vectors.words),
            "n_dimensions": int(vectors.codes.shape[1]),
            "texts": counts,
        },
        card=vectors_card(vectors, counts, VECTORS_VERSION, VECTORS_MIN_DF),
        force=True,
    )


def rebuild_classifier(
    corpora: dict[str, Corpus], models: Path, output: Path, *, with_sources: bool
) -> None:
    """Train the public-affairs model with vectors of `models`, measure it and save it to `output`.

    Its card is written beside it, and again with each source left out, which takes half an hour.
    """
    recipe = Recipe.from_toml(HERE / "recipes" / "public-affairs.toml")
    own = corpora["training/data"]
    scores = []
    own_alone = None
    whole = joined(corpora.values())
    if len(corpora) > 1:
        alone = train_on(own, recipe, models)
        own_alone = alone.report.evaluation
        for name, corpus in list(corpora.items())[1:]:
            found = evaluate(alone.model, corpus)
            on = f"texts of {name}, by a model of the repository's own data alone"
            scores.append(measured(on, found))
            say(f"own data alone, on {name}: micro-F1 {found.micro.f1.value:.4f}")
    result = train_on(whole, recipe, models)
    out_of_fold = result.report.evaluation

    def save_with_card() -> None:
        card = classifier_card(result, corpora, scores)
        if own_alone is not None and out_of_fold is not None:
            card += "\n" + alone_section(own_alone, out_of_fold)
        save(result.model, output / recipe.name, force=True, card=card)

    save_with_card()
    if with_sources:
        run = Run(recipe, whole.taxonomy.topics, priors(whole, recipe, models), None)
        for name, found in leave_one_source_out(whole, result.model, run):
            scores.append(measured(f"texts of a source left out: {name}", found))
            say(f"left out, {name}: micro-F1 {found.micro.f1.value:.4f}")
            save_with_card()
    if out_of_fold is not None:
        f1 = out_of_fold.micro.f1
        say(f"{output / recipe.name}: micro-F1 {f1.value:.4f} ({f1.low:.4f} to {f1.high:.4f})")
    for step, seconds in result.report.seconds.items():
        say(f"  {seconds:8.1f} s  {step}")


def train_on(corpus: Corpus, recipe: Recipe, models: Path = MODELS) -> TrainingResult:
    """Train with the lexicon of the repository and the word vectors in a folder of models."""
    say(f"training on {len(corpus.texts):,} texts")
    known = priors(corpus, recipe, models)
    return train(
        corpus,
        recipe,
        lexicon=known.lexicon,
        vectors=known.vectors,
        sample_weight=weights(corpus),
        progress=lambda done, total, step: say(f"  [{done}/{total}] {step}"),
    )


def priors(corpus: Corpus, recipe: Recipe, models: Path = MODELS) -> Priors:
    """Return the lexicon of the repository and the word vectors in a folder of models."""
    return Priors(
        Lexicon.load(HERE / "lexicon" / "topic-lexicon.tsv", corpus.taxonomy),
        recipe.lexicon_weight,
        load_vectors(models / recipe.vectors),
        recipe.vector_weight,
        recipe.context_weight,
    )


def authored() -> Corpus:
    """Return the labelled texts of the repository."""
    files = sorted((HERE / "data").glob("*.jsonl"))
    return joined(read_corpus(file, taxonomy=Taxonomy.default()) for file in files)


def joined(corpora: Iterable[Corpus]) -> Corpus:
    """Return one corpus of several, in their order; there must be one at least."""
    return functools.reduce(operator.add, corpora)


def read_labels() -> dict[str, tuple[str, tuple[str, ...]]]:
    """Return kind and topics of each text in ``training/labels.tsv``, by `text_key`.

    The texts are not the project's to publish, so each is named by the start of its SHA-256.
    """
    lines = (HERE / "labels.tsv").read_text(encoding="utf-8").splitlines()[1:]
    rows = (line.split("\t") for line in lines)
    return {key: (kind, tuple(topics.split())) for key, kind, topics in rows}


def relabelled(corpus: Corpus, labels: Labels) -> Corpus:
    """Return a corpus with the topics of `labels` for the texts that stand there."""
    examples = [
        replace(example, topics=labels[key][1]) if key in labels else example
        for key, example in ((text_key(example.text), example) for example in corpus.examples)
    ]
    return replace(corpus, examples=tuple(examples))


def labelled_by_hash(texts: Iterable[tuple[str, str]], labels: Labels) -> Corpus:
    """Return those of some texts, each with its source, that `labels` names, with their topics."""
    missing = dict(labels)
    examples = []
    for text, source in texts:
        found = missing.pop(text_key(text), None)
        if found is not None:
            examples.append(Example(text, found[1], found[0], {"source": source}))
    if missing:
        say(f"{len(missing):,} labels of training/labels.tsv found no text")
    return Corpus(tuple(examples), Taxonomy.default())


def text_key(text: str) -> str:
    """Return the name of a text in ``training/labels.tsv``: 16 hexadecimal digits."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def read_texts(path: Path) -> Iterator[str]:
    """Yield the texts of a gzipped JSONL file."""
    return (text for text, _ in read_texts_and_sources(path))


def read_texts_and_sources(path: Path) -> Iterator[tuple[str, str]]:
    """Yield text and source of each row of a gzipped JSONL file."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            yield row["text"], row["source"]


def say(message: str) -> None:
    """Print a line with the time of day."""
    print(time.strftime("%H:%M:%S"), message, flush=True)


if __name__ == "__main__":
    main()
