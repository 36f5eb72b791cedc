"""What all tests share: the option `--slow`, without which tests marked as slow are left out; how examples are made up; and
shared memory of their own, whose leftovers nobody else's `tttui` finishes meanwhile.
"""

import os
import shutil
import signal
import tempfile

import pytest
from hypothesis import HealthCheck, settings
from sharing import leave_out_what_others_run

from tttui.paths import PLACE_VARIABLE, SHARED_MEMORY

# On a busy machine any example may take long, which says nothing about what is tested. And where a test makes its files
# in the directory of a fixture, its examples replace each other's.
IGNORED = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
settings.register_profile("same each time", deadline=None, derandomize=True, suppress_health_check=IGNORED)
settings.register_profile("new each time", deadline=None, suppress_health_check=IGNORED)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--slow", action="store_true", help="run the tests marked as slow, too (minutes each)")


def pytest_configure(config: pytest.Config) -> None:
    # Whoever runs the tests in the background, or behind nohup, has them ignored: the programs under test must not be so.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    if os.path.isdir(SHARED_MEMORY):
        own = tempfile.mkdtemp(prefix="tttui-tests-", dir=SHARED_MEMORY)
        os.environ[PLACE_VARIABLE] = own
        config.add_cleanup(lambda: shutil.rmtree(own, ignore_errors=True))
    settings.load_profile("new each time" if config.getoption("--slow") else "same each time")
    config.addinivalue_line("markers", "slow: takes minutes; runs with --slow only")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    leave_out_what_others_run(config, items)
    if config.getoption("--slow"):
        return
    for item in items:
        if item.get_closest_marker("slow"):
            item.add_marker(pytest.mark.skip(reason="slow: run with --slow"))
