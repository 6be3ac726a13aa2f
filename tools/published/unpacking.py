"""Published documents as they lie about: plain, packed, in folders, in several files."""

from __future__ import annotations

import gzip
import tarfile
from collections.abc import Iterator
from pathlib import Path

ENDINGS = (".json", ".yaml", ".yml")


def documents(paths: list[Path]) -> Iterator[Path]:
    """The documents that `paths` mean: files, archives, and what is in folders."""
    for path in paths:
        if path.is_dir():
            inside = sorted(path.iterdir())
            yield from (each for each in inside if each.is_file() and _is_document(each))
        else:
            yield path


def _is_document(path: Path) -> bool:
    return path.name.removesuffix(".gz").endswith((*ENDINGS, ".tar"))


def unpacked(path: Path, into: Path) -> Path:
    """The root file of the document, unpacked where it is packed."""
    if path.name.endswith((".tar.gz", ".tgz", ".tar")):
        with tarfile.open(path) as archive:
            if hasattr(tarfile, "data_filter"):
                archive.extractall(into, filter="data")
            else:
                archive.extractall(into)
        return _root(into)
    if path.suffix == ".gz":
        plain = into / path.stem
        plain.write_bytes(gzip.decompress(path.read_bytes()))
        return plain
    return path


def _root(folder: Path) -> Path:
    files = [path for path in folder.rglob("*") if path.suffix in ENDINGS]
    for path in sorted(
        files, key=lambda each: (len(each.parts), "openapi" not in each.name, -each.stat().st_size)
    ):
        head = path.read_text(errors="replace")
        if any(line.lstrip("{ \"'").startswith(("openapi", "swagger")) for line in head.splitlines()[:80]):
            return path
    raise FileNotFoundError(f"no file in {folder} has an `openapi` or `swagger` member")
