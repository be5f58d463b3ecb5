"""A real kube-apiserver with its etcd, of which tests may do what they like.

No other component runs beside them: nothing is scheduled, and nobody makes pods of a Deployment.
The programs are looked for in a folder, as sigs.k8s.io/controller-runtime's envtest looks for them
(https://book.kubebuilder.io/reference/envtest); they are never fetched.
"""

from __future__ import annotations

import secrets
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx2
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from kingtide.twin.apiserver.certificate import Certificate, make_certificate
from kingtide.twin.apiserver.kubeconfig import kubeconfig
from tests.free_ports import LOOPBACK, free_port

ETCD, API_SERVER = "etcd", "kube-apiserver"
START_SECONDS = 60
"""kube-apiserver is ready after 3 to 10 s where it has a processor of its own."""
END_SECONDS = 20
TRIES = 3
"""A port that was free may be taken before the program has it."""
LAST_WORDS = 2_000


class NotStarted(Exception):
    """A program ended, or does not answer; the message has its last words."""


def missing_programs(assets: Path) -> list[str]:
    """Return the programs that a folder lacks."""
    return [name for name in (API_SERVER, ETCD) if not (assets / name).is_file()]


@contextmanager
def control_plane(assets: Path, folder: Path) -> Iterator[Path]:
    """Run both programs while the block runs; yield the kubeconfig of one who may do anything.

    Raises:
        NotStarted: one of them does not answer in time.
    """
    with ExitStack() as programs:
        etcd_port = _started(programs, lambda port: _etcd(programs, assets, folder, port))
        token = secrets.token_hex(16)
        certificate = make_certificate((LOOPBACK,))
        write_secrets(folder, certificate, token)
        port = _started(
            programs, lambda port: _api_server(programs, assets, folder, (port, etcd_port), token)
        )
        file = folder / "kubeconfig"
        url = f"https://{LOOPBACK}:{port}"
        file.write_bytes(kubeconfig("real", url, certificate.authority, token))
        yield file


def write_secrets(folder: Path, certificate: Certificate, token: str) -> None:
    """Write what the command of `api_server_command` names."""
    (folder / "authority.pem").write_bytes(certificate.authority)
    (folder / "chain.pem").write_bytes(certificate.chain)
    (folder / "key.pem").write_bytes(certificate.key)
    (folder / "tokens.csv").write_text(f'{token},tests,tests,"system:masters"\n')
    signing = ec.generate_private_key(ec.SECP256R1())
    plain = serialization.NoEncryption()
    form = serialization.PrivateFormat.PKCS8
    pem = signing.private_bytes(serialization.Encoding.PEM, form, plain)
    (folder / "service-accounts.pem").write_bytes(pem)


def etcd_command(assets: Path, folder: Path, client_port: int, peer_port: int) -> list[str]:
    """Return how etcd is started: one member, on loopback, without TLS."""
    clients, peers = (f"http://{LOOPBACK}:{port}" for port in (client_port, peer_port))
    return [
        str(assets / ETCD),
        f"--data-dir={folder / 'etcd'}",
        f"--listen-client-urls={clients}",
        f"--advertise-client-urls={clients}",
        f"--listen-peer-urls={peers}",
        f"--initial-advertise-peer-urls={peers}",
        f"--initial-cluster=default={peers}",
    ]


def api_server_command(assets: Path, folder: Path, port: int, etcd_port: int) -> list[str]:
    """Return how kube-apiserver is started, with the files that `write_secrets` wrote.

    Pods need no ServiceAccount: the controller that makes the namespaces' default ones is missing.
    Source of the flags:
    https://kubernetes.io/docs/reference/command-line-tools-reference/kube-apiserver/ (v1.36).
    """
    return [
        str(assets / API_SERVER),
        f"--etcd-servers=http://{LOOPBACK}:{etcd_port}",
        f"--bind-address={LOOPBACK}",
        f"--advertise-address={LOOPBACK}",
        f"--secure-port={port}",
        f"--tls-cert-file={folder / 'chain.pem'}",
        f"--tls-private-key-file={folder / 'key.pem'}",
        f"--token-auth-file={folder / 'tokens.csv'}",
        "--authorization-mode=RBAC",
        "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
        f"--service-account-key-file={folder / 'service-accounts.pem'}",
        f"--service-account-signing-key-file={folder / 'service-accounts.pem'}",
        "--service-cluster-ip-range=10.0.0.0/24",
        "--endpoint-reconciler-type=none",
        "--disable-admission-plugins=ServiceAccount",
        "--allow-privileged=true",
    ]


@contextmanager
def running(command: Sequence[str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program while the block runs, and see that it ends with it."""
    with log.open("ab") as output:
        program = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
    try:
        yield program
    finally:
        program.terminate()
        try:
            program.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            program.kill()
            program.wait()


def wait_until(
    program: subprocess.Popen[bytes],
    answers: Callable[[], bool],
    log: Path,
    seconds: float = START_SECONDS,
) -> None:
    """Wait until a program answers.

    Raises:
        NotStarted: it has ended, or the time is over.
    """
    until = time.monotonic() + seconds
    while not answers():
        name, told = Path(str(log)).stem, log.read_text("utf-8", "replace")[-LAST_WORDS:]
        if program.poll() is not None:
            raise NotStarted(f"{name} ended with {program.returncode}:\n{told}")
        if time.monotonic() > until:
            raise NotStarted(f"{name} did not answer within {seconds:g} s:\n{told}")
        time.sleep(0.1)


def _started(programs: ExitStack, start: Callable[[int], None]) -> int:
    """Start a program on a free port, and return the port."""
    for _ in range(TRIES - 1):
        port = free_port()
        try:
            start(port)
        except NotStarted as error:
            if "address already in use" not in str(error):
                raise
        else:
            return port
    port = free_port()
    start(port)
    return port


def _etcd(programs: ExitStack, assets: Path, folder: Path, port: int) -> None:
    log = folder / "etcd.log"
    program = programs.enter_context(running(etcd_command(assets, folder, port, free_port()), log))
    wait_until(program, lambda: _says_ok(f"http://{LOOPBACK}:{port}/health"), log)


def _api_server(
    programs: ExitStack, assets: Path, folder: Path, ports: tuple[int, int], token: str
) -> None:
    log = folder / "kube-apiserver.log"
    command = api_server_command(assets, folder, *ports)
    program = programs.enter_context(running(command, log))
    context = ssl.create_default_context(cafile=folder / "authority.pem")
    url = f"https://{LOOPBACK}:{ports[0]}"

    def answers() -> bool:
        # The namespace is made after the server is ready, and nothing can be put into it before.
        return all(
            _says_ok(f"{url}{path}", context, token)
            for path in ("/readyz", "/api/v1/namespaces/default")
        )

    wait_until(program, answers, log)


def _says_ok(url: str, context: ssl.SSLContext | None = None, token: str = "") -> bool:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    verify = True if context is None else context
    try:
        with httpx2.Client(verify=verify, trust_env=False, timeout=5) as client:
            return client.get(url, headers=headers).status_code == 200
    except httpx2.HTTPError:
        return False
