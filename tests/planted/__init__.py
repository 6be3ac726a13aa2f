"""An application of our own with planted defects, to measure what a contract test finds.

`app` is a small lending library that does exactly what `openapi.yaml` says; `defects` holds the table of
defects, each of which changes a fresh application a little; `serving` runs it on a socket:

    python -m tests.planted --list
    python -m tests.planted --defect price-is-text --port 8080

It is written from the specifications and from public bug reports, not by looking at what `dynaclient test`
can find, and it does not change to suit it. `python tools/planted.py` measures.

To add a defect: write a function below `@defect(kind, at, says, source)` in `defects.py`, which changes the
application that it is given, and show in `EVIDENCE` of `evidence.py` by which calls it is seen and what
differs then. Take it from a sentence of a specification or a public report, and name that. What it does has
to be wrong by the document or by HTTP, not a matter of taste; `at` names the operations at which a report is
right.
"""
