"""The PostgreSQL that stands in for a missing database in development, run by Assay itself.

Everything lies in one folder that only its owner may enter, `.assay/postgres`: the data, the Unix socket, the log and
three lock files. There is no TCP listener and no password: the server asks the kernel who is calling (`peer`) and lets
in the one account that it was started by.

One keeper process holds the server (`keeper.py`). Every Assay process that uses the server holds a shared lock while it
does. When the last of them is gone, in good order or by `kill -9`, the kernel gives the keeper the exclusive lock and
it stops the server; when the server dies, the keeper starts it again.
"""

from assay.monitor.embedded.errors import EmbeddedServerError
from assay.monitor.embedded.server import EmbeddedServer

__all__ = ["EmbeddedServer", "EmbeddedServerError"]
