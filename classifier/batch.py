"""Tagging a whole table, chunk by chunk, in constant memory."""

from collections.abc import Callable, Sequence

from classifier.model import Options, Prediction, TopicClassifier
from classifier.tables import TableFormat, TableReader, TableWriter, place_results

CHUNK_ROWS = 4096
_ROUND = 4  # decimals of a probability in any output


def as_object(prediction: Prediction) -> dict[str, object]:
    """Return a prediction in the shape of the JSON outputs, without its text."""
    return {
        "topics": [
            {"id": topic.id, "name": topic.name, "probability": round(topic.probability, _ROUND)}
            for topic in prediction.topics
        ],
        "decision": prediction.decision,
    }


def as_columns(predictions: Sequence[Prediction], *, nested: bool) -> dict[str, list[object]]:
    """Return the result columns of some rows.

    Parameters
    ----------
    nested : the output is JSONL, where names and probabilities stand inside ``topics``
    """
    if nested:
        objects = [as_object(prediction) for prediction in predictions]
        return {name: [one[name] for one in objects] for name in ("topics", "decision")}
    return {
        "topics": [[topic.id for topic in one.topics] for one in predictions],
        "topic_names": [[topic.name for topic in one.topics] for one in predictions],
        "probabilities": [
            [round(topic.probability, _ROUND) for topic in one.topics] for one in predictions
        ],
        "decision": [one.decision for one in predictions],
    }


def tag_table(
    model: TopicClassifier,
    reader: TableReader,
    writer: TableWriter,
    options: Options | None = None,
    *,
    on_rows: Callable[[int], None] | None = None,
) -> int:
    """Tag every row of a table and write it with the result columns beside its own.

    Parameters
    ----------
    on_rows : called after each chunk with the number of rows written so far

    Returns
    -------
    n_rows : rows written
    """
    nested = writer.format is TableFormat.JSONL
    placement = place_results(reader.columns, tagged=reader.tagged_columns, nested=nested)
    n_rows = 0
    for chunk in reader.chunks(CHUNK_ROWS):
        predictions = model.predict(chunk.texts, options)
        writer.write_chunk(chunk, as_columns(predictions, nested=nested), placement)
        n_rows += len(chunk)
        if on_rows is not None:
            on_rows(n_rows)
    return n_rows
