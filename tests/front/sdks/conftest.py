"""One running gateway for all SDKs here: BOB and DAN have opted out for all of them, the others for none."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.front.carriers import Carriers, running


@pytest.fixture(scope="package")
def started_carriers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Carriers]:
    with running(tmp_path_factory.mktemp("carriers")) as carriers:
        yield carriers
