"""One file: read in chunks, tagged, written, whole or not at all."""

import contextlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, replace
from itertools import islice
from pathlib import Path
from typing import Any

from classifier.batch.job import FileReport, Job, refuse_existing
from classifier.batch.journal import Journal, may_overwrite, partial_folder
from classifier.batch.shapes import Shaper
from classifier.batch.side import BadRows, Repeats
from classifier.batch.workers import CHUNK_ROWS, Tagger, Work
from classifier.model import Options, Prediction, Tags
from classifier.tables import (
    Chunk,
    Placement,
    Row,
    TableFormat,
    TableReader,
    TableWriter,
    open_table,
    open_writer,
    place_results,
)
from classifier.tables.jsonlines import JsonLinesWriter

_LOOKED_AT_FOR_BLOBS = 100
_SHORTEST_BLOB = 60

OnRows = Callable[[int, float | None], None]
OnPredictions = Callable[[list[Prediction]], None]


def tag_file(tagger: Tagger, job: Job, *, on_rows: OnRows | None = None) -> FileReport:
    """Tag every row of a file and write it with the result columns beside its own.

    Parameters
    ----------
    tagger : the model, its options and its processes
    job : which file, where to, how
    on_rows : called after each chunk with the rows written and the share of the input read

    Returns
    -------
    report : what there was

    Raises
    ------
    DataError
        The input cannot be read, a row of it cannot be used, or the output cannot be written. The
        tags of finished chunks are kept, for a later run with `resume`.
    OutputExistsError
        The output, its side file, or the tags of an interrupted run to it, are there already; or
        the output is the input itself, a workbook, of which one sheet alone is read.

    Notes
    -----
    Memory does not grow with the file, spreadsheets and JSON lists apart, which are read whole.
    Standard input and standard output cannot be resumed.
    """
    keeps = _keeps_journal(job)
    if job.resume and _is_finished(job):
        return FileReport(was_finished=True, is_outdated=_is_outdated(job))
    if job.resume and keeps and may_overwrite(job.target):
        job = replace(job, force=True)
    refuse_existing([job])
    journal: Journal | None = None
    bad_rows = BadRows(job.side_file) if job.errors == "skip" else None
    with contextlib.ExitStack() as stack:
        reader = stack.enter_context(_open(job, bad_rows))
        if keeps:
            journal = Journal(
                job.target, _about(tagger, job, reader), force=job.force, resume=job.resume
            )
        finished = False
        try:
            if bad_rows is not None and journal is not None:
                bad_rows.aside = journal.bad_rows
            run = _Run(tagger, job, reader, journal, on_rows)
            with run.open_writer() as writer:
                run.tag_all(writer)
                if journal is not None:
                    journal.allow_overwriting()  # of what gets its name from here on
                if bad_rows is not None:
                    bad_rows.commit()
            if bad_rows is not None and job.force:
                bad_rows.remove_old()
            finished = True
        finally:
            if bad_rows is not None:
                bad_rows.close()
            if journal is not None:
                journal.close(finished=finished)
        return run.report(n_bad=0 if bad_rows is None else bad_rows.n_rows)


def predict_file(tagger: Tagger, job: Job, on_predictions: OnPredictions) -> FileReport:
    """Tag every row of a file for showing rather than writing.

    Parameters
    ----------
    on_predictions : called with the predictions of one chunk after another

    Raises
    ------
    DataError
        The input cannot be read, or a row of it cannot be used.
    """
    refuse_existing([job])
    bad_rows = BadRows(job.side_file) if job.errors == "skip" else None
    with contextlib.ExitStack() as stack:
        if bad_rows is not None:
            stack.callback(bad_rows.close)
        reader = stack.enter_context(_open(job, bad_rows))
        run = _Run(tagger, job, reader, None, None)
        run.predict_all(on_predictions)
        if bad_rows is not None:
            bad_rows.commit()
            if job.force:
                bad_rows.remove_old()
        return run.report(n_bad=0 if bad_rows is None else bad_rows.n_rows)


def _keeps_journal(job: Job) -> bool:
    target = Path(job.target)
    is_file = job.target != "-" and (target.is_file() or not target.exists())
    return is_file and job.source != "-" and Path(job.source).is_file() and target.parent.is_dir()


def _is_finished(job: Job) -> bool:
    return (
        job.target != "-" and Path(job.target).is_file() and not partial_folder(job.target).is_dir()
    )


def _is_outdated(job: Job) -> bool:
    """Whether the input was written to after the output was."""
    source, target = Path(job.source), Path(job.target)
    return source.is_file() and source.stat().st_mtime_ns > target.stat().st_mtime_ns


def _open(job: Job, bad_rows: BadRows | None) -> TableReader:
    return open_table(
        job.source,
        format=job.read_as,
        encoding=job.encoding,
        text_column=job.text_column,
        sheet=job.sheet,
        on_bad_row=bad_rows,
    )


def _about(tagger: Tagger, job: Job, reader: TableReader) -> dict[str, Any]:
    """Return what two runs must share for one to use the other's tags.

    Not how rows are written, nor in how many processes they are tagged: that changes no tag.
    """
    options = tagger.options or Options()
    return {
        "model": tagger.model.digest,
        "options": asdict(options) | _as_lists(options),
        "input_bytes": Path(job.source).stat().st_size,
        "reading": [
            str(reader.format), reader.encoding, reader.text_column, job.sheet,
            job.split is not None,
        ],
        "chunk_rows": CHUNK_ROWS,
    }  # fmt: skip


def _as_lists(options: Options) -> dict[str, Any]:
    topics = None if options.topics is None else list(options.topics)
    return {"topics": topics, "exclude_topics": list(options.exclude_topics)}


class _Run:
    """One file on its way."""

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
        self._was_tagged = bool(reader.tagged_columns)
        self._placement: Placement = place_results(
            reader.columns, tagged=reader.tagged_columns, nested=self._shaper.nested
        )
        self._is_list = reader.format is TableFormat.TEXT
        self._repeats = Repeats()
        self._n_rows = self._n_empty = self._n_resumed = self._n_split = 0
        self._blob: int | None = None

    def open_writer(self) -> TableWriter:
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
        for work, tags in self._tagger.tag(self._works()):
            if self._journal is not None and work.tags is None:
                self._journal.append(work.texts, tags)
            self._write(writer, work.item, tags)
            self._n_rows += len(tags)
            if self._on_rows is not None:
                self._on_rows(self._n_rows, self._reader.share_read)

    def predict_all(self, on_predictions: OnPredictions) -> None:
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
            yield from ((chunk, chunk.texts) for chunk in self._reader.chunks(CHUNK_ROWS))
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
            while part := list(islice(rows, CHUNK_ROWS)):
                yield Chunk(part)
            return
        for chunk in self._reader.chunks(CHUNK_ROWS):
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
        return FileReport(
            n_rows=self._n_rows,
            n_empty=self._n_empty,
            n_resumed=self._n_resumed,
            n_blank=self._reader.blank_lines,
            n_repeated=self._repeats.n_repeated,
            n_bad=n_bad,
            n_split=self._n_split,
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
