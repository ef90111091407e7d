"""What counts as a namespace: objects whose entries are stored one by one, at paths below theirs.

Pure functions. The packages whose objects are recognised (attrs, pydantic, OmegaConf) are never imported: who hands in
such an object has imported them.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from typing import Any, cast

import msgspec


def entries_of(value: Any) -> Mapping[object, object] | None:  # noqa: ANN401 whatever the user has
    """Return what is in a namespace by name; None if `value` is none.

    Namespaces are mappings, argparse namespaces, named tuples, msgspec structs, and instances of dataclasses, attrs
    classes and pydantic models (1 and 2). An OmegaConf configuration comes resolved; what it lacks stands as `???`.
    """
    if isinstance(value, (type, str, int, float)) or hasattr(cast("object", type(value)), "__array__"):
        return None  # by far the most common, hence first: a class, a text, a number, an array, a tensor
    argparse: Any = sys.modules.get("argparse")  # who has a namespace of it has loaded it
    if argparse is not None and isinstance(value, argparse.Namespace):
        return {**vars(cast("object", value))}
    if type(value).__module__.partition(".")[0] == "omegaconf":
        return _configuration(value)
    if isinstance(value, Mapping):
        return cast("Mapping[object, object]", value)
    names = _names(value)
    return None if names is None else {name: getattr(value, name) for name in names}


def _names(value: Any) -> Iterable[str] | None:  # noqa: ANN401 see above
    kind = cast("Any", type(value))
    if hasattr(kind, "__dataclass_fields__"):
        import dataclasses  # loads inspect; who has an object of such a class has loaded both

        return [field.name for field in dataclasses.fields(kind)]
    if isinstance(value, msgspec.Struct):
        return value.__struct_fields__
    for names in ("model_fields", "__fields__"):  # pydantic 2 and 1; pydantic 2 warns of its second
        if isinstance(getattr(kind, names, None), dict) and hasattr(value, "dict"):
            return tuple(getattr(kind, names))
    if hasattr(kind, "__attrs_attrs__"):
        return [field.name for field in kind.__attrs_attrs__]
    if isinstance(value, tuple) and hasattr(kind, "_fields"):
        return cast("Iterable[str]", kind._fields)  # pyright: ignore[reportUnknownMemberType,reportAttributeAccessIssue]
    return None


def _configuration(value: object) -> Mapping[object, object] | None:
    to_container = sys.modules["omegaconf"].OmegaConf.to_container
    plain = to_container(value, resolve=True, throw_on_missing=False, enum_to_str=True)
    return cast("Mapping[object, object]", plain) if isinstance(plain, Mapping) else None
