"""What scripts catch from `neptune.exceptions`, by the same path: other names of our own exceptions.

The module exists for that import path alone. Several of these names are one class here, because the answer to them is
the same; names of things that cannot happen here are not offered.
"""

from marigram.client.errors import (
    AccessError,
    MarigramError,
    NotFoundError,
    ServerError,
    SettingError,
    UnreachableError,
    UnsupportedTypeError,
)

NeptuneException = MarigramError
MetadataInconsistency = MarigramError
NeptuneOfflineModeFetchException = MarigramError

NeptuneInvalidApiTokenException = AccessError
Forbidden = AccessError
Unauthorized = AccessError

MissingFieldException = NotFoundError
FetchAttributeNotFoundException = NotFoundError
MetadataContainerNotFound = NotFoundError
RunNotFound = NotFoundError
FileSetNotFound = NotFoundError
ArtifactNotFoundException = NotFoundError

NeptuneMissingProjectNameException = SettingError
NeptuneMissingRequiredInitParameter = SettingError
NeptuneWrongInitParametersException = SettingError
NeptuneRunResumeAndCustomIdCollision = SettingError
NeedExistingRunForReadOnlyMode = SettingError

NeptuneConnectionLostException = UnreachableError
CannotResolveHostname = UnreachableError

ClientHttpError = ServerError
InternalServerError = ServerError

TypeDoesNotSupportAttributeException = UnsupportedTypeError

__all__ = [
    "AccessError",
    "ArtifactNotFoundException",
    "CannotResolveHostname",
    "ClientHttpError",
    "FetchAttributeNotFoundException",
    "FileSetNotFound",
    "Forbidden",
    "InternalServerError",
    "MarigramError",
    "MetadataContainerNotFound",
    "MetadataInconsistency",
    "MissingFieldException",
    "NeedExistingRunForReadOnlyMode",
    "NeptuneConnectionLostException",
    "NeptuneException",
    "NeptuneInvalidApiTokenException",
    "NeptuneMissingProjectNameException",
    "NeptuneMissingRequiredInitParameter",
    "NeptuneOfflineModeFetchException",
    "NeptuneRunResumeAndCustomIdCollision",
    "NeptuneWrongInitParametersException",
    "NotFoundError",
    "RunNotFound",
    "ServerError",
    "SettingError",
    "TypeDoesNotSupportAttributeException",
    "Unauthorized",
    "UnreachableError",
    "UnsupportedTypeError",
]
