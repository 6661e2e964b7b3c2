"""`python -m localswarm.cli`: the same as main.py, for a Python that has everything."""

import sys

from .main import main

if __name__ == "__main__":
    sys.exit(main())
