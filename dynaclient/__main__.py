"""`python -m dynaclient`."""

import sys

from dynaclient.prompt.cli import main

if __name__ == "__main__":
    sys.exit(main())
