"""Tagging whole files and streams: chunk by chunk, in constant memory, on all cores.

workers.py   texts to tags, in several processes, order kept
shapes.py    tags to the columns, or the JSON, of an output
journal.py   what an interrupted run leaves, to go on from
job.py       one file to tag, and what became of it
files.py     tagging it: read, tag, write
pages.py     article pages, many of them
side.py      bad rows and repeated texts
inputs.py    patterns to files, a folder's outputs
"""

from classifier.batch.files import CHUNK_ROWS, predict_file, tag_file
from classifier.batch.inputs import expand_inputs, outputs_in
from classifier.batch.job import FileReport, Job
from classifier.batch.journal import partial_folder
from classifier.batch.pages import article_object, classify_pages, read_page
from classifier.batch.shapes import as_object, explanation_object
from classifier.batch.workers import Tagger

__all__ = [
    "CHUNK_ROWS",
    "FileReport",
    "Job",
    "Tagger",
    "article_object",
    "as_object",
    "classify_pages",
    "expand_inputs",
    "explanation_object",
    "outputs_in",
    "partial_folder",
    "predict_file",
    "read_page",
    "tag_file",
]
