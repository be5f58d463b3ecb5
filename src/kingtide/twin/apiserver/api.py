"""The API over HTTP: who asks, what for, and who answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from email.utils import formatdate
from typing import Any

import msgspec
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from kingtide import __version__
from kingtide.twin.apiserver import openapi_v2
from kingtide.twin.apiserver.access.asked import asked
from kingtide.twin.apiserver.access.authorization import acting_as, check
from kingtide.twin.apiserver.access.roles import Roles
from kingtide.twin.apiserver.access.users import ADMIN, User
from kingtide.twin.apiserver.auditing import Audit
from kingtide.twin.apiserver.authentication import TokenAuthentication
from kingtide.twin.apiserver.discovery import AGGREGATED, Discovery
from kingtide.twin.apiserver.endpoint_slices import EndpointSlices
from kingtide.twin.apiserver.events import Events
from kingtide.twin.apiserver.metrics_api import MetricsApi
from kingtide.twin.apiserver.objects import Objects
from kingtide.twin.apiserver.openapi import OpenApi
from kingtide.twin.apiserver.options import ReadOptions, read_options
from kingtide.twin.apiserver.paths import Target, read_target
from kingtide.twin.apiserver.reading import Reading
from kingtide.twin.apiserver.refusals import ApiRefusal, internal_error, no_such_resource
from kingtide.twin.apiserver.resources import Resources
from kingtide.twin.apiserver.revisions import Revisions
from kingtide.twin.apiserver.subresources.pods import CONNECTING
from kingtide.twin.apiserver.subresources.reviews import REVIEWS, Reviews
from kingtide.twin.apiserver.watching import Watches
from kingtide.twin.apiserver.writes import Writes
from kingtide.twin.apiserver.writing.options import bounded_body, read_body
from kingtide.twin.world import World

JSON = "application/json"
KUBERNETES_MINOR = 36
"""The version that is told: the one whose documents are followed here."""
NOW_HEADER = b"kingtide-now-ms"
"""The cluster's time in Unix milliseconds, in every answer: `Date` has whole seconds."""

Answer = Callable[[Request], Awaitable[Response]]


class Api:
    """Answers requests from a world, which somebody else moves. An ASGI application.

    Paths are looked up here, not by a router: nearly all requests are for objects, and one that
    tries twenty patterns first costs a tenth of a request. Every write is a line of the audit,
    where there is one.
    """

    def __init__(self, world: World, token: str, audit: Audit | None = None) -> None:
        self._audit = audit
        self.resources = Resources()
        self.objects = Objects(world, self.resources)
        self._revisions = Revisions(self.objects)
        self._endpoint_slices = EndpointSlices(self.objects)
        self._events = Events(self.objects, world.journal)
        self.reading = Reading(self.objects)
        self.watches = Watches(self.objects)
        self._authentication = TokenAuthentication(token, self.objects)
        self._roles = Roles(self.objects)
        self._reviews = Reviews(self._roles, self._authentication)
        self.writing = Writes(world, self.objects, self.reading, self._authentication)
        self._discovery = Discovery(self.resources)
        self._metrics = MetricsApi(world)
        self._openapi = OpenApi(self.resources)
        self._date = (-1, b"")
        self._plain: Mapping[str, Answer] = {
            "/api": self._core,
            "/apis": self._groups,
            "/version": self._version,
            "/healthz": self._healthy,
            "/livez": self._healthy,
            "/readyz": self._healthy,
            "/openapi/v2": self._openapi_v2,
            "/openapi/v3": self._openapi_v3,
        }
        self._review_paths = {f"/apis/{group}/v1/{plural}" for group, plural in REVIEWS}

    def settle(self) -> None:
        """Write what follows from the changes since this was called last: statuses and events."""
        self.writing.settle()
        self._revisions.settle()
        self.objects.settle()
        self._endpoint_slices.settle()
        self._events.settle()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let only who may ask, and tell refusals as Kubernetes does."""
        request = Request(scope, receive)
        sent, fault = b"", None
        try:
            user = self._user(request)
            if request.method not in ("GET", "HEAD"):
                sent = await bounded_body(request)
                request = Request(scope, _whole(sent))
            response = await self._answer(request, user)
        except ApiRefusal as refusal:
            response = json_response(refusal.body(), refusal.code)
            response.headers.update(refusal.headers)
        except ClientDisconnect:
            return
        except Exception as error:  # noqa: BLE001  # told to the client, then raised
            fault = error
            told = internal_error(f"{type(error).__name__}: the server's log says more")
            response = json_response(told.body(), told.code)
        now_ms = self.objects.now_ms
        if self._audit is not None and request.method not in ("GET", "HEAD"):
            _audited(self._audit, request, sent, response, now_ms)
        response.raw_headers += [
            (b"date", self._date_of(now_ms // 1000)),
            (NOW_HEADER, b"%d" % now_ms),
        ]
        await response(scope, receive, send)
        if fault is not None:
            raise fault

    def _date_of(self, seconds: int) -> bytes:
        if self._date[0] != seconds:
            self._date = (seconds, formatdate(seconds, usegmt=True).encode())
        return self._date[1]

    def _user(self, request: Request) -> User:
        """Return who asks, who may do so.

        Raises:
            ApiRefusal: 401, nobody said who; 403, they may not.
        """
        headers = request.headers
        user = self._authentication.user(headers.get("authorization", ""))
        name, groups = headers.get("impersonate-user", ""), headers.getlist("impersonate-group")
        user = acting_as(self._roles, user, name, groups)
        if user is not ADMIN:
            it = asked(request.method, request.scope["path"], request.query_params)
            check(self._roles, user, it)
            if it.verb == "patch" and self._is_new(request):
                check(self._roles, user, msgspec.structs.replace(it, verb="create"))
        return user

    def _is_new(self, request: Request) -> bool:
        """Return whether an object is applied that is not there: it is created."""
        target = read_target(request.scope["path"], self.resources)
        there = self.objects.table(target.resource).entries
        return not target.subresource and (target.namespace, target.name) not in there

    async def _answer(self, request: Request, user: User) -> Response:
        path: str = request.scope["path"]
        answer: Answer
        match path.strip("/").split("/"):
            case ["api", _, _, *_]:
                return await self._object(request)
            case ["apis", "metrics.k8s.io", "v1beta1", *rest] if rest:
                answer = self._usage
            case ["apis", _, _, _, *_]:
                if path not in self._review_paths or request.method != "POST":
                    return await self._object(request)
                return await self._review(request, user)
            case ["openapi", "v3", _, *_]:
                answer = self._openapi_v3
            case ["api" | "apis", _] | ["apis", _, _]:
                answer = self._group_or_version
            case _:
                found = self._plain.get(path.rstrip("/"))
                if found is None:
                    raise no_such_resource()
                answer = found
        if request.method not in ("GET", "HEAD"):
            message = f"the server does not allow {request.method} on {path}"
            raise ApiRefusal(405, "MethodNotAllowed", message)
        return await answer(request)

    # ------------------------------------------------------------ objects

    async def _object(self, request: Request) -> Response:
        raw_path = request.scope.get("raw_path") or request.url.path.encode()
        target = read_target(raw_path.decode("latin-1"), self.resources)
        if request.method not in ("GET", "HEAD"):
            return await self.writing.answer(request, target)
        is_of_pod = target.resource.kind == "Pod" and target.subresource in CONNECTING
        if target.subresource in ("scale", "log") or is_of_pod:
            return self.writing.read(target)
        options = read_options(request.query_params, request.headers.get("accept", ""))
        if options.is_watch:
            return self._watch(target, options)
        if target.name:
            return Response(self.reading.get(target, options), media_type=JSON)
        return Response(self.reading.list_all(target, options), media_type=JSON)

    def _watch(self, target: Target, options: ReadOptions) -> Response:
        self.watches.check_room()
        watch = self.watches.watch(target, options, self.reading.presenter(target, options))
        return StreamingResponse(watch.lines(), media_type=JSON)

    # ------------------------------------------------------------ what there is

    async def _core(self, request: Request) -> Response:
        if _is_aggregated(request):
            return json_response(self._discovery.aggregated(core=True), media_type=AGGREGATED)
        return json_response(self._discovery.versions())

    async def _groups(self, request: Request) -> Response:
        if _is_aggregated(request):
            return json_response(self._discovery.aggregated(core=False), media_type=AGGREGATED)
        return json_response(self._discovery.groups())

    async def _group_or_version(self, request: Request) -> Response:
        match request.scope["path"].strip("/").split("/"):
            case ["apis", group, version]:
                return json_response(self._discovery.of_version(group, version))
            case ["apis", group]:
                return json_response(self._discovery.group(group))
            case [_, version]:
                return json_response(self._discovery.of_version("", version))
        raise no_such_resource()

    async def _review(self, request: Request, user: User) -> Response:
        _, group, _, plural = request.url.path.strip("/").split("/")
        sent = read_body(request.headers.get("content-type", ""), await request.body())
        return json_response(self._reviews.answer(group, plural, sent, user), 201)

    async def _version(self, _request: Request) -> Response:
        git = f"v1.{KUBERNETES_MINOR}.0+kingtide.{__version__}"
        return json_response(
            {
                "major": "1",
                "minor": str(KUBERNETES_MINOR),
                "gitVersion": git,
                "gitCommit": "",
                "gitTreeState": "clean",
                "buildDate": "1970-01-01T00:00:00Z",
                "goVersion": "",
                "compiler": "",
                "platform": "linux/amd64",
            }
        )

    async def _healthy(self, _request: Request) -> Response:
        return PlainTextResponse("ok")

    async def _openapi_v2(self, request: Request) -> Response:
        if openapi_v2.PROTOBUF in request.headers.get("accept", "").replace(" ", ""):
            return Response(self._openapi.v2_protobuf(), media_type=openapi_v2.ANSWERED)
        return json_response(self._openapi.v2())

    async def _openapi_v3(self, request: Request) -> Response:
        path = request.scope["path"].removeprefix("/openapi/v3").strip("/")
        found = self._openapi.v3(path) if path else self._openapi.index()
        if found is None:
            raise no_such_resource()
        return json_response(found)

    async def _usage(self, request: Request) -> Response:
        path = request.scope["path"].removeprefix("/apis/metrics.k8s.io/v1beta1/")
        return json_response(self._metrics.answer(path, request.query_params))


def _whole(sent: bytes) -> Receive:
    """Return what gives a request's body, that was read already."""

    async def receive() -> Message:
        return {"type": "http.request", "body": sent, "more_body": False}

    return receive


def _audited(audit: Audit, request: Request, sent: bytes, response: Response, now_ms: int) -> None:
    audit.kubernetes(
        now_ms,
        request.method,
        request.url.path,
        request.query_params,
        request.headers.get("user-agent", ""),
        sent,
        response.status_code,
        bytes(response.body),
    )


def json_response(body: Any, code: int = 200, media_type: str = JSON) -> Response:
    """Return a response with a JSON text."""
    return Response(msgspec.json.encode(body), code, media_type=media_type)


def _is_aggregated(request: Request) -> bool:
    first = request.headers.get("accept", "").split(",")[0].replace(" ", "")
    return "g=apidiscovery.k8s.io" in first and "v=v2;" in f"{first};"
