"""The door out: pages, filters, downsampled series. Everything that is shown comes through here.

The nouns of the stores that answers are made of are exported here too, so that nobody outside looks into a store.
"""

from marigram.server.query.answers import (
    AttributeAnswer,
    BadQuestion,
    CrossAnswer,
    GroupAnswer,
    GroupNumbers,
    NotThere,
    PointsAnswer,
    RunGroup,
    RunGroupsAnswer,
    RunsAnswer,
    SeriesAnswer,
)
from marigram.server.query.charts import MAX_BESIDE, Beside, StepRange, TimeRange
from marigram.server.query.choosing import RunChoice, SortValue
from marigram.server.query.comparing import DifferencesAnswer
from marigram.server.query.differences import Area, RunDifference
from marigram.server.query.door import Query
from marigram.server.query.folders import FolderAnswer
from marigram.server.query.grouping import GroupQuestion, GroupSort, Measure
from marigram.server.query.importance import Importance, ParameterGroup
from marigram.server.query.keying import GroupKey, Within
from marigram.server.query.lineage import LineageAnswer
from marigram.server.query.models import MetricText
from marigram.server.query.parting import Parting
from marigram.server.query.paths import PathQuestion
from marigram.server.query.picking import Pick
from marigram.server.query.ranking import ImportanceAnswer, ImportanceQuestion
from marigram.server.query.records import RunRecord
from marigram.server.query.searching import Found, TextSearch
from marigram.server.query.sending import Part, UnsatisfiableError, disposition, part_of
from marigram.server.query.storage import StorageAnswer
from marigram.server.query.table.filters import CLIENT
from marigram.server.query.text_pairs import TextPair
from marigram.server.query.tokens import FilterError
from marigram.server.query.tree import OPEN_UP_TO, TreeAnswer, TreeQuestion, TreeRow
from marigram.server.store.blobs.port import CorruptBlobError
from marigram.server.store.meta.earlier import EarlierValue
from marigram.server.store.meta.filter import (
    Aggregate,
    And,
    AtBest,
    Best,
    Compare,
    Comparison,
    Filter,
    Has,
    Literal,
    Not,
    OneOf,
    Or,
)
from marigram.server.store.meta.port import Attribute, ColumnRow, ProjectRow, RunSort
from marigram.server.store.points.answers import BucketColumns, SeriesSummary, Tail
from marigram.server.store.points.batch import CutSeries, DropSeries, WritePoints, writes_apart
from marigram.server.store.points.port import DamagedPointsError

__all__ = [
    "CLIENT",
    "MAX_BESIDE",
    "OPEN_UP_TO",
    "Aggregate",
    "And",
    "Area",
    "AtBest",
    "Attribute",
    "AttributeAnswer",
    "BadQuestion",
    "Beside",
    "Best",
    "BucketColumns",
    "ColumnRow",
    "Compare",
    "Comparison",
    "CorruptBlobError",
    "CrossAnswer",
    "CutSeries",
    "DamagedPointsError",
    "DifferencesAnswer",
    "DropSeries",
    "EarlierValue",
    "Filter",
    "FilterError",
    "FolderAnswer",
    "Found",
    "GroupAnswer",
    "GroupKey",
    "GroupNumbers",
    "GroupQuestion",
    "GroupSort",
    "Has",
    "Importance",
    "ImportanceAnswer",
    "ImportanceQuestion",
    "LineageAnswer",
    "Literal",
    "Measure",
    "MetricText",
    "Not",
    "NotThere",
    "OneOf",
    "Or",
    "ParameterGroup",
    "Part",
    "Parting",
    "PathQuestion",
    "Pick",
    "PointsAnswer",
    "ProjectRow",
    "Query",
    "RunChoice",
    "RunDifference",
    "RunGroup",
    "RunGroupsAnswer",
    "RunRecord",
    "RunSort",
    "RunsAnswer",
    "SeriesAnswer",
    "SeriesSummary",
    "SortValue",
    "StepRange",
    "StorageAnswer",
    "Tail",
    "TextPair",
    "TextSearch",
    "TimeRange",
    "TreeAnswer",
    "TreeQuestion",
    "TreeRow",
    "UnsatisfiableError",
    "Within",
    "WritePoints",
    "disposition",
    "part_of",
    "writes_apart",
]
