"""The read API's paths for the texts of two runs. No question is answered here; the query door does that."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import Router, get
from litestar.params import Parameter

from marigram.model import File
from marigram.server.api import encode
from marigram.server.api.messages import AttributeInfo
from marigram.server.query import NotThere, Query, TextPair

_Baseline = Annotated[str, Parameter(description="Id of the run that it is compared with.")]
_Start = Annotated[int, Parameter(ge=0, description="How many to leave out.")]
_Limit = Annotated[int, Parameter(ge=1, le=300, description="Most to answer with.")]


class TextPlaceInfo(msgspec.Struct, frozen=True, kw_only=True):
    """Where the text of one run is: at a path, of the configuration an empty one; a file, if it is one."""

    path: str
    file: File | None


class TextPairInfo(msgspec.Struct, frozen=True, kw_only=True):
    """A text that at least one of two runs has.

    `name` is `configuration`, `stdout`, `stderr`, `traceback` or a file's path. `differs` is null where only a look at
    the texts can tell.
    """

    name: str
    before: TextPlaceInfo | None
    after: TextPlaceInfo | None
    differs: bool | None


class TextPairList(msgspec.Struct, frozen=True, kw_only=True):
    """Some texts of two runs: the configuration, the outputs, then files by path.

    `pair_count` counts what the search finds, `all_count` what there is without it; `first_differing` names the first
    that is found and known to differ.
    """

    pairs: list[TextPairInfo]
    pair_count: int
    all_count: int
    first_differing: str | None


class ValuePairInfo(msgspec.Struct, frozen=True, kw_only=True):
    """What two runs have at one path; null for nothing."""

    path: str
    before: AttributeInfo | None
    after: AttributeInfo | None


class ValuePairList(msgspec.Struct, frozen=True, kw_only=True):
    """Some values that differ between two runs, of those that scripts have set, in the order for people.

    `pair_count` counts those that differ, `value_count` all, both of those that the search finds; `all_count` all
    without it. `before_count` and `after_count` count those that differ of which the one and the other has a value.
    """

    pairs: list[ValuePairInfo]
    pair_count: int
    before_count: int
    after_count: int
    value_count: int
    all_count: int


def text_pair_routes(query: Query) -> Router:
    """Return the routes that answer with `query.text_pairs`."""

    @get("/runs/{run_id:str}/texts", sync_to_thread=True, summary="Find texts that two runs have")
    def texts(
        run_id: str,
        baseline: _Baseline,
        search: Annotated[str, Parameter(description="Words of the name, or a /regular expression/.")] = "",
        start: _Start = 0,
        limit: _Limit = 200,
    ) -> TextPairList:
        before, after = query.run(baseline).id, query.run(run_id).id
        found = query.text_pairs.texts(before, after, text=search, start=start, limit=limit)
        return TextPairList(
            pairs=[_pair(each) for each in found.pairs],
            pair_count=found.pair_count,
            all_count=found.all_count,
            first_differing=found.first_differing,
        )

    @get("/runs/{run_id:str}/texts/one", sync_to_thread=True, summary="Say where two runs have a text")
    def text(run_id: str, baseline: _Baseline, name: str) -> TextPairInfo:
        found = query.text_pairs.text(query.run(baseline).id, query.run(run_id).id, name)
        if found is None:
            message = f"Neither of the two runs has a text {name!r}. Look at the list of their texts."
            raise NotThere(message)
        return _pair(found)

    @get("/runs/{run_id:str}/texts/values", sync_to_thread=True, summary="Read the values in which two runs differ")
    def values(
        run_id: str,
        baseline: _Baseline,
        search: Annotated[str, Parameter(description="Words of the path, or a /regular expression/.")] = "",
        start: _Start = 0,
        limit: _Limit = 200,
    ) -> ValuePairList:
        before, after = query.run(baseline).id, query.run(run_id).id
        found = query.text_pairs.values(before, after, text=search, start=start, limit=limit)
        return ValuePairList(
            pairs=[
                ValuePairInfo(
                    path=each.path,
                    before=None if each.before is None else encode.attribute_info(each.before),
                    after=None if each.after is None else encode.attribute_info(each.after),
                )
                for each in found.pairs
            ],
            pair_count=found.pair_count,
            before_count=found.before_count,
            after_count=found.after_count,
            value_count=found.value_count,
            all_count=found.all_count,
        )

    return Router("", route_handlers=[texts, text, values], tags=["read"])


def _pair(each: TextPair) -> TextPairInfo:
    before, after = each.before, each.after
    return TextPairInfo(
        name=each.name,
        before=None if before is None else TextPlaceInfo(path=before.path, file=before.file),
        after=None if after is None else TextPlaceInfo(path=after.path, file=after.file),
        differs=each.differs,
    )
