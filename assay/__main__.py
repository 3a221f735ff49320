"""`python -m assay` is the command `assay`."""

import sys

from assay.entry import main

sys.exit(main())
