"""What the API is made of, handed to each request by the application."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from assay.audit.recorder import Recorder
from assay.audit.store import Store
from assay.core.clock import Clock
from assay.monitor.api.access import Access
from assay.monitor.api.problems import ProblemError, store_unavailable
from assay.monitor.probing import Prober
from assay.monitor.scanning import Scans


@dataclass(frozen=True, kw_only=True)
class Parts:
    """The parts. `store` and `recorder` are absent together: where no store is configured."""

    store: Store | None
    recorder: Recorder | None
    prober: Prober
    scans: Scans
    access: Access
    clock: Clock

    def need_store(self) -> Store:
        """The store.

        Raises:
            ProblemError: none is configured; the answer is 503.
        """
        if self.store is None:
            raise _no_store()
        return self.store

    def need_recorder(self) -> Recorder:
        """The recorder.

        Raises:
            ProblemError: no store is configured; the answer is 503.
        """
        if self.recorder is None:
            raise _no_store()
        return self.recorder


def _no_store() -> ProblemError:
    return store_unavailable("not_configured", "no store is configured; /readyz says what is missing")


def parts_of(request: Request) -> Parts:
    """The parts of the application that serves the request."""
    parts: Parts = request.app.state.parts
    return parts


PartsDep = Annotated[Parts, Depends(parts_of)]
