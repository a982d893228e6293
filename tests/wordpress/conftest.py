"""A real WordPress for the tests of this folder, set up once and taken away at the end."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest


def _site() -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "wordpress_site", Path(__file__).with_name("wordpress_site.py")
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # where dataclasses look for it
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def _running() -> Iterator[Any]:
    module = _site()
    if why := module.missing():
        pytest.skip(why)
    with module.running() as site:
        yield site


@pytest.fixture
def site(_running: Any) -> Any:
    """The running WordPress, without posts, comments and letters, and with nothing switched off."""
    (_running.folder / "wordpress" / ".maintenance").unlink(missing_ok=True)
    _running.php(
        """
        foreach ( get_posts( array( 'post_type' => 'any', 'post_status' => array_keys( get_post_stati() ),
            'numberposts' => -1, 'fields' => 'ids' ) ) as $id ) wp_delete_post( $id, true );
        delete_option( 'test_modes' );
        update_option( 'permalink_structure', '' );
        @unlink( TEST_FOLDER . '/mails' );
        return 1;
        """
    )
    return _running
