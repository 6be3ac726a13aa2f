"""`python -m dynaclient`."""

import sys

from dynaclient.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
