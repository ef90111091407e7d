"""The door out: pages, filters, downsampled series. Everything that is shown comes through here.

The nouns of the stores that answers are made of are exported here too, so that nobody outside looks into a store.
"""

from marigram.server.query.answers import (
    AttributeAnswer,
    BadQuestion,
    NotThere,
    PointsAnswer,
    RunsAnswer,
    SeriesAnswer,
)
from marigram.server.query.door import Query
from marigram.server.query.tokens import FilterError
from marigram.server.store.meta.port import Attribute, ColumnRow, ProjectRow, RunSort
from marigram.server.store.points.port import BucketColumns, CutSeries, DropSeries, SeriesSummary, Tail, WritePoints

__all__ = [
    "Attribute",
    "AttributeAnswer",
    "BadQuestion",
    "BucketColumns",
    "ColumnRow",
    "CutSeries",
    "DropSeries",
    "FilterError",
    "NotThere",
    "PointsAnswer",
    "ProjectRow",
    "Query",
    "RunSort",
    "RunsAnswer",
    "SeriesAnswer",
    "SeriesSummary",
    "Tail",
    "WritePoints",
]
