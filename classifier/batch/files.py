"""One file: opened, tagged, written, whole or not at all."""

import contextlib
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from classifier.batch.job import FileReport, Job, refuse_existing
from classifier.batch.journal import Journal, may_overwrite, partial_folder
from classifier.batch.passage import OnPredictions, OnRows, Passage
from classifier.batch.side import BadRows
from classifier.batch.workers import Tagger
from classifier.model import Options
from classifier.tables import TableReader, open_table


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
            passage = Passage(tagger, job, reader, journal, on_rows)
            with passage.open_writer() as writer:
                passage.tag_all(writer)
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
        return passage.report(n_bad=0 if bad_rows is None else bad_rows.n_rows)


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
        passage = Passage(tagger, job, reader, None, None)
        passage.predict_all(on_predictions)
        if bad_rows is not None:
            bad_rows.commit()
            if job.force:
                bad_rows.remove_old()
        return passage.report(n_bad=0 if bad_rows is None else bad_rows.n_rows)


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
        "chunk_rows": Passage.chunk_rows,
    }  # fmt: skip


def _as_lists(options: Options) -> dict[str, Any]:
    topics = None if options.topics is None else list(options.topics)
    return {"topics": topics, "exclude_topics": list(options.exclude_topics)}
