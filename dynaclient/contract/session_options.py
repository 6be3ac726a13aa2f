"""What the command line of pytest says to all tests of a session."""

allow_unchecked = False
"""Whether `--dynaclient-allow-unchecked` was given."""
