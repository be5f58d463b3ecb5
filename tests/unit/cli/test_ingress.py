"""`kingtide ingress`, as typed."""

from __future__ import annotations

import fcntl
import io
import json
import sys
from pathlib import Path

import pytest

from kingtide.cli.app import run
from kingtide.cli.failure import ExitCode
from kingtide.operate.ingress.haproxy_version import NoHaproxy, found_haproxy
from tests.served_world import served_world

ROOT = Path(__file__).parents[3]
try:
    HAS_HAPROXY = bool(found_haproxy("haproxy"))
except NoHaproxy:
    HAS_HAPROXY = False
SHOP = ROOT / "examples" / "ingress" / "shop.yaml"


@pytest.fixture
def troubled(tmp_path: Path) -> str:
    """The shop with a Service that is missing, a broken list and an Ingress of another class."""
    text = SHOP.read_text("utf-8").replace(
        "                name: cart\n", "                name: car\n"
    )
    text = text.replace("10.0.0.0/8", "ten")
    path = tmp_path / "shop.yaml"
    other = (
        text.partition("---\n")[2]
        .partition("---\n")[0]
        .replace("name: web\n  name", "name: o\n  name")
    )
    other = other.replace("ingressClassName: haproxy", "ingressClassName: nginx")
    path.write_text(f"{text}---\n{other}", encoding="utf-8")
    return str(path)


def test_files_are_rendered_into_a_folder_that_they_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "haproxy"
    assert run(["ingress", "render", str(SHOP), "--out", str(out)]) == ExitCode.YES
    printed = capsys.readouterr().out.splitlines()
    assert printed[1].split() == ["shop/admin", "1", "0", "yes"]
    count = sum(it.is_file() for it in out.rglob("*"))
    assert printed[-1] == f"{count} files written to {out}"
    assert str(out / "maps" / "hosts.map") in (out / "haproxy.cfg").read_text("utf-8")
    assert (out / "haproxy.cfg").stat().st_mode & 0o777 == 0o600


def test_what_has_no_effect_is_told_with_its_line_and_ends_with_no(
    troubled: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["ingress", "render", troubled]) == ExitCode.NO
    printed = capsys.readouterr().out
    assert (
        f"{troubled}:39:17: Ingress shop/web: ServiceMissing:"
        " spec.rules[0].http.paths[1].backend.service: there is no Service shop/car\n"
    ) in printed
    assert f"{troubled}:67:29: Ingress shop/admin: AnnotationInvalid: " in printed
    assert "not ours: Ingress shop/o is of class 'nginx'\n" in printed
    assert "\n# /etc/haproxy/haproxy.cfg\nglobal\n" in printed


def test_the_same_as_json(
    troubled: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    piped = io.TextIOWrapper(io.BytesIO(Path(troubled).read_bytes()))
    monkeypatch.setattr(sys, "stdin", piped)
    assert run(["ingress", "render", "-", "--json"]) == ExitCode.NO
    found = json.loads(capsys.readouterr().out)
    (admin,) = [it for it in found["ingresses"] if it["ingress"] == "shop/admin"]
    assert (admin["file"], admin["accepted"]) == ("<stdin>", True)
    assert [(it["code"], it["line"]) for it in admin["problems"]] == [("AnnotationInvalid", 67)]
    assert found["not_ours"] == {"shop/o": "nginx"}
    assert "haproxy.cfg" in found["files"]


@pytest.mark.skipif(not HAS_HAPROXY, reason="HAProxy is not installed")
def test_the_haproxy_of_this_machine_tries_the_files(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["ingress", "render", str(SHOP), "--check"]) == ExitCode.YES
    assert " takes the files\n" in capsys.readouterr().out


@pytest.mark.skipif(HAS_HAPROXY, reason="HAProxy is installed")
def test_without_a_haproxy_nothing_passes_as_checked(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["ingress", "render", str(SHOP), "--check"]) == ExitCode.RUN_FAILED
    assert "nothing was checked" in capsys.readouterr().err


def test_a_request_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    request = ["shop.example.com", "/cart/7?x=1", str(SHOP)]
    assert run(["ingress", "explain", *request]) == ExitCode.YES
    printed = capsys.readouterr().out
    assert "rule      Ingress shop/web: shop.example.com Prefix /cart, by the longest" in printed
    assert "10.20.2.22:8080  drains " in printed
    assert printed.endswith("answer    a server of Service shop/cart answers\n")
    assert run(["ingress", "explain", *request, "--json"]) == ExitCode.YES
    found = json.loads(capsys.readouterr().out)
    assert (found["answered"], found["service"]) == (True, "shop/cart")


def test_the_answer_is_no_pods_where_a_list_keeps_people_out(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["ingress", "explain", "shop.example.com", "/admin", str(SHOP)]) == ExitCode.YES
    answer = "a server of Service shop/web answers, unless a line of the way does"
    assert capsys.readouterr().out.endswith(f"answer    {answer}\n")


def test_a_request_that_nobody_answers_ends_with_no(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["ingress", "explain", "example.org", "/", str(SHOP)]) == ExitCode.NO
    assert "404: no rule takes it" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        pytest.param(["render"], "no file is named", id="no file"),
        pytest.param(["render", "/nowhere.yaml"], "/nowhere.yaml: does not exist", id="missing"),
        pytest.param(["render", "x", "--header", "a: b"], "--header is not of", id="the other's"),
        pytest.param(["render", "--forse"], "unknown option: --forse", id="an unknown option"),
        pytest.param(["explain", "a.b"], "needs a host and a path", id="no path"),
        pytest.param(["explain", "a.b", "c", "x"], "'c' is no path", id="a path without a slash"),
        pytest.param(["explain", "https://a.b/c", "x"], "'https://a.b/c' is no host", id="a URL"),
        pytest.param(["explain", "a.b", "/", "--header", "x"], "--header: 'x'", id="no header"),
        pytest.param(["explain", "a.b", "/", "x", "--context", "y"], "not both", id="both"),
        pytest.param(["explain", "a.b", "/", "--check"], "--check is not of", id="no check"),
        pytest.param(["render", "x", "--cluster", "y"], "--cluster is of a fleet", id="no fleet"),
    ],
)
def test_what_makes_no_sense_is_bad_input(
    arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["ingress", *arguments]) == ExitCode.BAD_INPUT
    assert told in capsys.readouterr().err


def test_a_clusters_own_objects_are_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    objects = {
        "/apis/networking.k8s.io/v1/ingressclasses": {
            "kind": "IngressClass",
            "metadata": {"name": "haproxy"},
            "spec": {"controller": "haproxy.org/ingress-controller"},
        },
        "/apis/networking.k8s.io/v1/namespaces/default/ingresses": {
            "kind": "Ingress",
            "metadata": {"name": "lost"},
            "spec": {
                "ingressClassName": "haproxy",
                "defaultBackend": {"service": {"name": "nowhere", "port": {"number": 80}}},
            },
        },
    }
    with served_world(tmp_path) as served:
        with served.client() as client:
            for path, body in objects.items():
                written = {"apiVersion": "networking.k8s.io/v1", **body}
                assert client.post(path, json=written).status_code == 201
        reach = ("--kubeconfig", str(served.write_kubeconfig(tmp_path)))
        assert run(["ingress", "explain", "a.b", "/", *reach]) == ExitCode.NO
    printed = capsys.readouterr().out
    assert "problem   default/lost ServiceMissing: there is no Service default/nowhere" in printed
    assert run(["ingress", "explain", "a.b", "/", *reach]) == ExitCode.RUN_FAILED
    assert "ingresses cannot be listed" in capsys.readouterr().err


def test_annotations_of_ingress_nginx_are_told_with_what_they_are_here(
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = ROOT / "examples" / "ingress" / "from-nginx.yaml"
    assert run(["ingress", "render", str(path)]) == ExitCode.YES
    told = [line for line in capsys.readouterr().out.splitlines() if " is not read: " in line]
    assert [line.partition(":")[2].partition(":")[0] for line in told] == ["16", "17", "18", "19"]
    assert told[1].endswith(
        "different; haproxy.org/allow-list; the same list; the ConfigMap's holds besides"
    )


@pytest.mark.parametrize(
    ("words", "told"),
    [
        pytest.param((), "agent needs one folder", id="no folder"),
        pytest.param(("a", "b"), "agent needs one folder", id="two folders"),
        pytest.param(("/nowhere/at/all",), "there is no folder", id="missing"),
        pytest.param((".",), "there is no auth.spoe in", id="nobody asks"),
        pytest.param((".", "--check"), "--check is not of `ingress agent`", id="render's"),
        pytest.param((".", "--json"), "--json is not of `ingress agent`", id="explain's"),
    ],
)
def test_the_agent_says_what_it_needs(
    capsys: pytest.CaptureFixture[str], words: tuple[str, ...], told: str
) -> None:
    assert run(["ingress", "agent", *words]) == ExitCode.BAD_INPUT
    assert told in capsys.readouterr().err


def test_a_folder_has_one_agent(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "auth.spoe").touch()
    with (tmp_path / "auth.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert run(["ingress", "agent", str(tmp_path)]) == ExitCode.RUN_FAILED
    assert "another agent serves" in capsys.readouterr().err
