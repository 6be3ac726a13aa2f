"""Writes the documents to measure with into a folder: `python -m bench.prepare FOLDER [OFFICIAL]`.

A process of its own, for what it needs of memory would otherwise count as that of the processes measured.
"""

from __future__ import annotations

import compileall
import gzip
import json
import re
import sys
from pathlib import Path

from bench import documents

CONFIG = re.compile(r"^( +)Config:", re.MULTILINE)
"""Properties of the official document with a name that aiopenapi3 cannot take."""


def main(folder: Path, official: str) -> None:
    from dynaclient.document.reader import parse_file

    _compile()
    documents.write(folder)
    data = _talon(official)
    renamed = CONFIG.sub(r"\1Config_:", data.decode())
    (folder / "talon.yaml").write_bytes(data)
    (folder / "talon.renamed.yaml").write_text(renamed)
    (folder / "talon.call.json").write_text(json.dumps(parse_file(renamed.encode(), "talon.yaml")))
    (folder / "talon.renamed.json").write_text((folder / "talon.call.json").read_text())
    (folder / "talon.json").write_text(json.dumps(parse_file(data, "talon.yaml")))


def _compile() -> None:
    """Write our bytecode, as an installer writes that of the others: a checkout has none."""
    import dynaclient

    compileall.compile_dir(Path(dynaclient.__file__).parent, quiet=1)


def _talon(official: str) -> bytes:
    """The official document where it is at hand, else the newest of the vendored ones."""
    if official:
        return gzip.decompress(Path(official).read_bytes())
    vendored = Path(__file__).resolve().parents[2] / "spec" / "talon-one-integration"
    return max(vendored.glob("*.yaml")).read_bytes()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
