"""Run the command line with ``python -m diffkit``."""

import sys

from .cli import main

sys.exit(main())
