"""The blocks of README.md and docs/: found, run, and drawn."""
