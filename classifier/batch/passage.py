"""The rows of one file on their way: read, handed to be tagged, written, counted."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

from classifier.batch.job import FileReport, Job
from classifier.batch.journal import Journal
from classifier.batch.shapes import Shaper
from classifier.batch.side import Repeats
from classifier.batch.workers import CHUNK_ROWS, Tagger, Work
from classifier.model import Prediction, Tags
from classifier.tables import (
    Chunk,
    Placement,
    Row,
    TableFormat,
    TableReader,
    TableWriter,
    open_writer,
    place_results,
)
from classifier.tables.jsonlines import JsonLinesWriter

_LOOKED_AT_FOR_BLOBS = 100
_SHORTEST_BLOB = 60

OnRows = Callable[[int, float | None], None]
OnPredictions = Callable[[list[Prediction]], None]


class Passage:
    """One file on its way.

    Parameters
    ----------
    tagger : the model, its options and its processes
    job : which file, where to, how
    reader : the file, opened
    journal : keeps the tags of finished chunks, if given
    on_rows : called after each chunk with the rows written and the share of the input read

    Attributes
    ----------
    chunk_rows : rows read, tagged and written at a time
    """

    chunk_rows = CHUNK_ROWS

    def __init__(
        self,
        tagger: Tagger,
        job: Job,
        reader: TableReader,
        journal: Journal | None,
        on_rows: OnRows | None,
    ) -> None:
        self._tagger, self._job, self._reader = tagger, job, reader
        self._journal, self._on_rows = journal, on_rows
        self._shaper = Shaper(tagger.model.topics, job.format)
        tagged = reader.tagged_columns
        reader.guard_tags(tagged)
        self._was_tagged = bool(tagged)
        self._placement: Placement = place_results(
            reader.columns, tagged=tagged, nested=self._shaper.nested
        )
        self._is_list = reader.format is TableFormat.TEXT
        self._repeats = Repeats()
        self._n_rows = self._n_empty = self._n_resumed = self._n_split = 0
        self._blob: int | None = None

    def open_writer(self) -> TableWriter:
        """Open the output, or what stands aside for it until it is whole."""
        schema = self._placement.schema(self._reader.schema)
        if self._is_list and self._shaper.format is TableFormat.PARQUET:
            from classifier.tables.parquet import text_schema

            schema = text_schema()
        return open_writer(
            self._job.target,
            format=str(self._shaper.format),
            columns=self._placement.columns,
            schema=schema,
            plain=self._job.plain,
            force=self._job.force,
            aside=None if self._journal is None else self._journal.output,
        )

    def tag_all(self, writer: TableWriter) -> None:
        """Tag and write every row."""
        for work, tags in self._tagger.tag(self._works()):
            if self._journal is not None and work.tags is None:
                self._journal.append(work.texts, tags)
            self._write(writer, work.item, tags)
            self._n_rows += len(tags)
            if self._on_rows is not None:
                self._on_rows(self._n_rows, self._reader.share_read)

    def predict_all(self, on_predictions: OnPredictions) -> None:
        """Tag every row and hand its prediction over."""
        for work, tags in self._tagger.tag(self._works()):
            self._n_rows += len(tags)
            on_predictions(tags.predictions(work.item.texts, self._tagger.model.topics))

    def _works(self) -> Iterator[Work[Chunk]]:
        n_read = 0
        for chunk, texts in self._texts():
            self._repeats.count(texts)
            n_read += len(texts)
            self._n_empty += sum(not text or text.isspace() for text in texts)
            tags = None if self._journal is None else self._journal.next(texts)
            if tags is not None:
                self._n_resumed += len(tags)
            elif share := self._reader.share_read:
                self._tagger.expect(round(n_read * (1 / share - 1)))
            yield Work(chunk, texts, tags)

    def _texts(self) -> Iterator[tuple[Chunk, Sequence[str]]]:
        """Yield each chunk with its texts, of a list less their numbers and bullets."""
        if not self._is_list:
            yield from ((chunk, chunk.texts) for chunk in self._reader.chunks(self.chunk_rows))
            return
        chunks: deque[Chunk] = deque()

        def lines() -> Iterator[str]:
            for chunk in self._list_chunks():
                chunks.append(chunk)
                yield from chunk.texts

        from classifier.documents import strip_markers

        stripped = strip_markers(lines())
        for first in stripped:
            chunk = chunks.popleft()
            yield chunk, [first, *islice(stripped, len(chunk) - 1)]

    def _list_chunks(self) -> Iterator[Chunk]:
        if self._job.split is not None:
            rows = self._split(self._reader)
            while part := list(islice(rows, self.chunk_rows)):
                yield Chunk(part)
            return
        for chunk in self._reader.chunks(self.chunk_rows):
            if self._blob is None and not self._n_rows:
                self._blob = _find_blob(chunk.rows)
            yield chunk

    def _split(self, rows: Iterable[Row]) -> Iterator[Row]:
        from classifier.documents import looks_like_blob

        assert self._job.split is not None  # or it is not called
        for row in rows:
            if not looks_like_blob(row.text):
                yield row
                continue
            self._n_split += 1
            for headline in self._job.split(row.text):
                yield Row(row.number, {"text": headline}, headline)

    def _write(self, writer: TableWriter, chunk: Chunk, tags: Tags) -> None:
        if isinstance(writer, JsonLinesWriter) and self._is_simple(chunk):
            writer.write_encoded(chunk, self._shaper.members(tags))
        else:
            writer.write_chunk(chunk, self._shaper.columns(tags), self._placement)

    def _is_simple(self, chunk: Chunk) -> bool:
        """Whether no row has a field of one of our names."""
        if self._placement.replaced or self._placement.renamed:
            return False
        return self._is_list or not any(
            "topics" in row.values or "decision" in row.values for row in chunk.rows
        )

    def report(self, *, n_bad: int) -> FileReport:
        """Return what there was, with `n_bad` rows passed over."""
        return FileReport(
            n_rows=self._n_rows,
            n_empty=self._n_empty,
            n_resumed=self._n_resumed,
            n_blank=self._reader.blank_lines,
            n_repeated=self._repeats.n_repeated,
            n_bad=n_bad,
            n_split=self._n_split,
            left_whole=self._job.split is not None and not self._is_list,
            encoding=self._reader.encoding,
            was_tagged=self._was_tagged,
            blob=self._blob,
        )


def _find_blob(rows: Sequence[Row]) -> int | None:
    suspects = [row for row in rows[:_LOOKED_AT_FOR_BLOBS] if len(row.text) >= _SHORTEST_BLOB]
    if not suspects:
        return None  # and the patterns of documents need not be compiled
    from classifier.documents import looks_like_blob

    return next((row.number for row in suspects if looks_like_blob(row.text)), None)
