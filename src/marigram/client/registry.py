"""Names of the model registry that users of Neptune know. There is no registry yet, and each of them says so."""

from __future__ import annotations

from typing import NoReturn

from marigram.client.errors import MarigramError


def refuse() -> NoReturn:
    """Say that there is no registry, and what to do instead.

    Raises:
        MarigramError: always.
    """
    message = (
        "The model registry does not exist yet. Log the model to a run, for example run['model'].upload('model.bin'), "
        "and tag the run."
    )
    raise MarigramError(message)


class Model:
    """A registered model; not possible yet."""

    def __init__(self, *_: object, **__: object) -> None:
        """Refuse.

        Raises:
            MarigramError: always.
        """
        refuse()


class ModelVersion:
    """A version of a registered model; not possible yet."""

    def __init__(self, *_: object, **__: object) -> None:
        """Refuse.

        Raises:
            MarigramError: always.
        """
        refuse()


def init_model(*_: object, **__: object) -> Model:
    """Refuse.

    Raises:
        MarigramError: always.
    """
    refuse()


def init_model_version(*_: object, **__: object) -> ModelVersion:
    """Refuse.

    Raises:
        MarigramError: always.
    """
    refuse()
