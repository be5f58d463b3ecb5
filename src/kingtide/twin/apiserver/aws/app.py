"""One endpoint for all the services, as AWS' emulators have it: the signature says which is meant.

Source of the protocols: https://smithy.io/2.0/aws/protocols/ (aws-query, ec2-query, aws-json).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from itertools import count

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.routing import Route

from kingtide.twin.apiserver.auditing import Audit
from kingtide.twin.apiserver.aws.account import Account
from kingtide.twin.apiserver.aws.autoscaling import calls as autoscaling
from kingtide.twin.apiserver.aws.ec2 import calls as ec2
from kingtide.twin.apiserver.aws.parameters import Parameters, read_form
from kingtide.twin.apiserver.aws.refused import AwsRefusal, no_such_action
from kingtide.twin.apiserver.aws.signature import ACCESS_KEY_ID, Request, signing_service
from kingtide.twin.apiserver.aws.sqs import calls as sqs
from kingtide.twin.apiserver.aws.sqs.messages import Queue
from kingtide.twin.apiserver.aws.trail import Trail
from kingtide.twin.apiserver.aws.xml import (
    Value,
    ec2_answer,
    ec2_error,
    query_answer,
    query_error,
)

MAX_BODY_BYTES = 262_144
"""Of a request. The largest that the served calls make is a filter with 200 values, 10 kB."""

NAMESPACES: Mapping[str, str] = {
    "autoscaling": "http://autoscaling.amazonaws.com/doc/2011-01-01/",
    "ec2": "http://ec2.amazonaws.com/doc/2016-11-15/",
    "sqs": "http://queue.amazonaws.com/doc/2012-11-05/",
    "sts": "https://sts.amazonaws.com/doc/2011-06-15/",
}
_JSON_TARGET = "AmazonSQS."


class AwsApi:
    """An account's services; `calls` counts what was answered, by service and action."""

    def __init__(
        self,
        account: Account,
        secret: str,
        now_seconds: Callable[[], float] = time.time,
        audit: Audit | None = None,
    ) -> None:
        self._trail = Trail(account, audit)
        self.calls: dict[str, int] = {}
        self._account = account
        self._secret = secret
        self._now_seconds = now_seconds
        self._queue = Queue(account)
        self._numbers = count(1)
        self.app = Starlette(
            routes=[Route("/{path:path}", self._serve, methods=["POST"])],
        )

    async def _serve(self, http: HttpRequest) -> Response:
        request_id = f"00000000-0000-4000-8000-{next(self._numbers):012x}"
        service, is_json = "", http.headers.get("x-amz-target", "").startswith(_JSON_TARGET)
        try:
            request = await _read(http)
            service = signing_service(request, self._secret, self._now_seconds())
            if service not in NAMESPACES:
                raise no_such_action(f"of {service}")
            if is_json:
                return await self._json(request, request_id)
            return await self._query(service, request, request_id)
        except AwsRefusal as refusal:
            return _refused(refusal, service, request_id, is_json=is_json)

    async def _json(self, request: Request, request_id: str) -> Response:
        name = request.headers["x-amz-target"].removeprefix(_JSON_TARGET)
        self._count("sqs", name)
        asked, host = sqs.read_json(request.body), request.headers.get("host", "")
        parameters = {"ReceiptHandle": asked.receipt_handle}
        with self._trail.of("sqs", name, parameters, request.headers.get("user-agent", "")):
            told = await sqs.answer(self._queue, name, asked, host)
        body = msgspec.json.encode(told)
        return _json_response(body, request_id)

    async def _query(self, service: str, request: Request, request_id: str) -> Response:
        form = read_form(request.body)
        name = form.get("Action", "")
        self._count(service, name)
        with self._trail.of(service, name, form, request.headers.get("user-agent", "")):
            return await self._answer(service, name, Parameters(form), request, request_id)

    async def _answer(
        self, service: str, name: str, parameters: Parameters, request: Request, request_id: str
    ) -> Response:
        namespace = NAMESPACES[service]
        match service:
            case "autoscaling" if name in autoscaling.CALLS:
                result = autoscaling.CALLS[name](self._account, parameters)
            case "ec2" if name in ec2.CALLS:
                body = ec2_answer(
                    name, ec2.CALLS[name](self._account, parameters), namespace, request_id
                )
                return _xml_response(body)
            case "sqs":
                asked = sqs.read_query(parameters)
                host = request.headers.get("host", "")
                result = sqs.query_result(await sqs.answer(self._queue, name, asked, host))
            case "sts" if name == "GetCallerIdentity":
                result = self._identity()
            case _:
                raise no_such_action(name)
        return _xml_response(query_answer(name, result, namespace, request_id))

    def _identity(self) -> Mapping[str, Value]:
        number = self._account.number
        return {
            "Arn": f"arn:aws:iam::{number}:user/kingtide-twin",
            "UserId": ACCESS_KEY_ID.replace("AKIA", "AIDA"),
            "Account": number,
        }

    def _count(self, service: str, name: str) -> None:
        served = {"autoscaling": autoscaling.CALLS, "ec2": ec2.CALLS, "sqs": sqs.CALLS}
        known = name in served.get(service, {}) or service == "sts"
        key = f"{service}:{name if known else 'unknown'}"
        self.calls[key] = self.calls.get(key, 0) + 1


async def _read(http: HttpRequest) -> Request:
    chunks, length = [], 0
    async for chunk in http.stream():
        length += len(chunk)
        if length > MAX_BODY_BYTES:
            raise AwsRefusal("RequestEntityTooLarge", "The request is too long.", 413)
        chunks.append(chunk)
    return Request(
        http.method,
        http.scope["path"],
        http.scope["query_string"].decode("latin-1"),
        {name.lower(): value for name, value in http.headers.items()},
        b"".join(chunks),
    )


def _refused(refusal: AwsRefusal, service: str, request_id: str, *, is_json: bool) -> Response:
    if is_json:
        shape = refusal.code.rpartition(".")[2]
        names = {"NonExistentQueue": "QueueDoesNotExist"}
        body = msgspec.json.encode(
            {
                "__type": f"com.amazonaws.sqs#{names.get(shape, shape)}",
                "message": refusal.message,
            }
        )
        response = _json_response(body, request_id, refusal.status)
        response.headers["x-amzn-query-error"] = f"{refusal.code};{refusal.fault}"
        return response
    if service == "ec2":
        return _xml_response(ec2_error(refusal, request_id), refusal.status)
    namespace = NAMESPACES.get(service, NAMESPACES["autoscaling"])
    return _xml_response(query_error(refusal, namespace, request_id), refusal.status)


def _json_response(body: bytes, request_id: str, status: int = 200) -> Response:
    return Response(
        body,
        status,
        {"x-amzn-RequestId": request_id},
        media_type="application/x-amz-json-1.0",
    )


def _xml_response(body: str, status: int = 200) -> Response:
    return Response(f'<?xml version="1.0"?>{body}', status, media_type="text/xml")
