"""The nouns of Marigram: frozen values without input or output.

Every layer speaks in these words. They import nothing but the standard library, msgspec and typing_extensions,
so the client may load them inside a training process.
"""

from marigram.model.batch import Batch, Receipt, Rejection, RejectionCode
from marigram.model.file import File
from marigram.model.operation import (
    Append,
    AttachFile,
    CreateRun,
    Delete,
    EditSet,
    Operation,
    SetStatus,
    SetValue,
)
from marigram.model.path import InvalidPathError, Path, namespace_of, parse_path
from marigram.model.point import (
    Bucket,
    FilePoints,
    FloatPoints,
    Points,
    StringPoints,
)
from marigram.model.project import InvalidProjectNameError, ProjectName, parse_project_name
from marigram.model.run import Run, RunStatus
from marigram.model.value import Kind, Value, kind_of_points, kind_of_value

__all__ = [
    "Append",
    "AttachFile",
    "Batch",
    "Bucket",
    "CreateRun",
    "Delete",
    "EditSet",
    "File",
    "FilePoints",
    "FloatPoints",
    "InvalidPathError",
    "InvalidProjectNameError",
    "Kind",
    "Operation",
    "Path",
    "Points",
    "ProjectName",
    "Receipt",
    "Rejection",
    "RejectionCode",
    "Run",
    "RunStatus",
    "SetStatus",
    "SetValue",
    "StringPoints",
    "Value",
    "kind_of_points",
    "kind_of_value",
    "namespace_of",
    "parse_path",
    "parse_project_name",
]
