"""The nouns of Marigram: frozen values without input or output.

Every layer speaks in these words. They import nothing but the standard library, msgspec and typing_extensions,
so the client may load them inside a training process.
"""

from marigram.model.batch import Batch, Receipt, Rejection, RejectionCode, Tally
from marigram.model.file import File
from marigram.model.histogram import Histogram, histogram_fault
from marigram.model.logged_model import (
    MODELS,
    MODELS_OF_RUN,
    LoggedMetric,
    LoggedModel,
    LoggedModelStatus,
    logged_model_path,
)
from marigram.model.operation import (
    Append,
    Appends,
    AttachFile,
    CreateRun,
    Delete,
    EditSet,
    Operation,
    Rewind,
    SetStatus,
    SetValue,
)
from marigram.model.path import InvalidPathError, Path, namespace_of, parse_path, parse_paths
from marigram.model.point import (
    Ancestor,
    Bucket,
    FilePoints,
    FloatPoints,
    HistogramPoints,
    Points,
    StringPoints,
)
from marigram.model.project import InvalidProjectNameError, ProjectName, parse_project_name, project_run_id
from marigram.model.registry import ModelEdit, ModelStage, ModelVersion, RegisteredModel, RunFolder, VersionEdit
from marigram.model.run import Fork, Run, RunStatus
from marigram.model.stop import StopHow, StopRequest
from marigram.model.value import Kind, Value, kind_of_points, kind_of_value
from marigram.model.view import View, ViewKind

__all__ = [
    "MODELS",
    "MODELS_OF_RUN",
    "Ancestor",
    "Append",
    "Appends",
    "AttachFile",
    "Batch",
    "Bucket",
    "CreateRun",
    "Delete",
    "EditSet",
    "File",
    "FilePoints",
    "FloatPoints",
    "Fork",
    "Histogram",
    "HistogramPoints",
    "InvalidPathError",
    "InvalidProjectNameError",
    "Kind",
    "LoggedMetric",
    "LoggedModel",
    "LoggedModelStatus",
    "ModelEdit",
    "ModelStage",
    "ModelVersion",
    "Operation",
    "Path",
    "Points",
    "ProjectName",
    "Receipt",
    "RegisteredModel",
    "Rejection",
    "RejectionCode",
    "Rewind",
    "Run",
    "RunFolder",
    "RunStatus",
    "SetStatus",
    "SetValue",
    "StopHow",
    "StopRequest",
    "StringPoints",
    "Tally",
    "Value",
    "VersionEdit",
    "View",
    "ViewKind",
    "histogram_fault",
    "kind_of_points",
    "kind_of_value",
    "logged_model_path",
    "namespace_of",
    "parse_path",
    "parse_paths",
    "parse_project_name",
    "project_run_id",
]
