"""How fast a model is on this machine: whole headlines, and each step of their way.

timing.py     runs in turn, and their spread
stages.py     the steps of a text's way, each timed
machine.py    what it is measured on
measuring.py  all of it, to one report
"""

from classifier.speed.machine import Machine, resident_mb
from classifier.speed.measuring import (
    BATCH,
    N_TEXTS,
    SpeedReport,
    TextsUsed,
    made_texts,
    measure_speed,
)
from classifier.speed.stages import STAGES, StageTime, time_stages
from classifier.speed.timing import Spread, in_turn

__all__ = [
    "BATCH",
    "N_TEXTS",
    "STAGES",
    "Machine",
    "SpeedReport",
    "Spread",
    "StageTime",
    "TextsUsed",
    "in_turn",
    "made_texts",
    "measure_speed",
    "resident_mb",
    "time_stages",
]
