"""Which settings of external authentication stay on the disk, and for how long."""

from __future__ import annotations

from pathlib import Path

from kingtide.controllers.ingress.rendering.layout import Layout
from kingtide.live.haproxy.auth_files import KEPT_SECONDS, AuthFiles


def test_settings_stay_while_an_old_haproxy_may_ask_by_them(tmp_path: Path) -> None:
    now = [0.0]
    layout = Layout(str(tmp_path))
    Path(layout.auth).mkdir()
    for path in (layout.auth_settings("a"), layout.auth_settings("b"), layout.auth_engine):
        Path(path).write_text("{}")
    wanted = (layout.auth_settings("a"), layout.auth_engine)
    files = AuthFiles(layout, lambda: now[0])
    for now[0], left in ((0.0, 2), (KEPT_SECONDS - 1, 2), (KEPT_SECONDS, 1)):
        files.drop(wanted)
        assert len(list(Path(layout.auth).iterdir())) == left
    assert Path(layout.auth_engine).exists()


def test_settings_that_are_wanted_again_begin_anew(tmp_path: Path) -> None:
    now = [0.0]
    layout = Layout(str(tmp_path))
    Path(layout.auth).mkdir()
    path = Path(layout.auth_settings("a"))
    path.write_text("{}")
    files = AuthFiles(layout, lambda: now[0])
    files.drop(())
    now[0] = KEPT_SECONDS - 1
    files.drop((str(path),))
    now[0] = KEPT_SECONDS + 1
    files.drop(())
    assert path.exists()


def test_without_an_engine_nobody_is_asked_any_more(tmp_path: Path) -> None:
    layout = Layout(str(tmp_path))
    Path(layout.auth_engine).write_text("")
    AuthFiles(layout).drop(())
    assert not Path(layout.auth_engine).exists()
