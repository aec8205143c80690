"""Tagging whole files and streams: chunk by chunk, in constant memory, on all cores.

workers.py   texts to tags, in several processes, order kept
shapes.py    tags to the columns, or the JSON, of an output
journal.py   what an interrupted run leaves, to go on from
lock.py      one run at a time to an output
job.py       one file to tag, and what became of it
files.py     tagging it, whole or not at all
passage.py   its rows on their way: read, tag, write, count
pages.py     article pages, many of them
side.py      bad rows and repeated texts
inputs.py    patterns to files, a folder's outputs
"""

from typing import TYPE_CHECKING

from classifier.lazy import fetch_on_use

if TYPE_CHECKING:
    from classifier.batch.files import predict_file as predict_file
    from classifier.batch.files import tag_file as tag_file
    from classifier.batch.inputs import expand_inputs as expand_inputs
    from classifier.batch.inputs import outputs_in as outputs_in
    from classifier.batch.job import FileReport as FileReport
    from classifier.batch.job import Job as Job
    from classifier.batch.job import refuse_clashes as refuse_clashes
    from classifier.batch.job import refuse_existing as refuse_existing
    from classifier.batch.journal import partial_folder as partial_folder
    from classifier.batch.pages import article_object as article_object
    from classifier.batch.pages import classify_pages as classify_pages
    from classifier.batch.pages import read_page as read_page
    from classifier.batch.shapes import as_object as as_object
    from classifier.batch.shapes import explanation_object as explanation_object
    from classifier.batch.workers import CHUNK_ROWS as CHUNK_ROWS
    from classifier.batch.workers import Tagger as Tagger

# Fetched on first use: a process that tags for another reads and writes nothing.
_HOME = {
    "files": ("predict_file", "tag_file"),
    "inputs": ("expand_inputs", "outputs_in"),
    "job": ("FileReport", "Job", "refuse_clashes", "refuse_existing"),
    "journal": ("partial_folder",),
    "pages": ("article_object", "classify_pages", "read_page"),
    "shapes": ("as_object", "explanation_object"),
    "workers": ("CHUNK_ROWS", "Tagger"),
}
__getattr__ = fetch_on_use(__name__, _HOME)

__all__ = sorted(name for names in _HOME.values() for name in names)
