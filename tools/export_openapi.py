"""Writes the server's OpenAPI description to web/openapi.json, from which the web app's types are made.

`--check` writes nothing and fails if the file is not what the server says.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from marigram.server.app import Server
from marigram.server.config import Config

TARGET = Path(__file__).parent.parent / "web" / "openapi.json"


def described() -> str:
    """Return the description as it should stand in the file."""
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Config(data=Path(folder)))
        schema = server.asgi.openapi_schema.to_schema()
        server.close()
    return json.dumps(schema, indent=1, sort_keys=True) + "\n"


def main() -> int:
    """Write the file, or compare it."""
    text = described()
    if "--check" in sys.argv[1:]:
        if TARGET.exists() and TARGET.read_text() == text:
            return 0
        print(f"{TARGET.name} is not what the server says. Run: make types", file=sys.stderr)
        return 1
    TARGET.write_text(text)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
