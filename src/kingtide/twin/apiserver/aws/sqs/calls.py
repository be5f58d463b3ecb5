"""SQS' calls in its two protocols: JSON, which today's SDKs speak, and the query protocol.

Source: https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html and
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-json-faqs.html
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

import msgspec

from kingtide.twin.apiserver.aws.parameters import Parameters
from kingtide.twin.apiserver.aws.refused import AwsRefusal, no_such_action
from kingtide.twin.apiserver.aws.sqs.messages import Queue, Received, received
from kingtide.twin.apiserver.aws.xml import Value


class Asked(msgspec.Struct, frozen=True, rename="pascal"):
    """The parameters of all the calls; None and empty are what is not said."""

    queue_name: str = ""
    queue_owner_aws_account_id: str = msgspec.field(default="", name="QueueOwnerAWSAccountId")
    queue_url: str = ""
    receipt_handle: str = ""
    max_number_of_messages: int = 1
    wait_time_seconds: int = 0
    visibility_timeout: int | None = None
    attribute_names: tuple[str, ...] = ()
    message_system_attribute_names: tuple[str, ...] = ()


class Told(msgspec.Struct, frozen=True, rename="pascal", omit_defaults=True):
    """What a call answers; most answer little or nothing."""

    queue_url: str = ""
    messages: tuple[Received, ...] = ()
    attributes: Mapping[str, str] = {}


_NOTHING = Told()


async def _get_queue_url(queue: Queue, asked: Asked, host: str) -> Told:
    queue.check_name(asked.queue_name, asked.queue_owner_aws_account_id)
    return Told(queue_url=queue.url(host))


async def _receive(queue: Queue, asked: Asked, _host: str) -> Told:
    found = await queue.receive(
        asked.max_number_of_messages, asked.wait_time_seconds, asked.visibility_timeout
    )
    wanted = asked.attribute_names + asked.message_system_attribute_names
    return Told(messages=tuple(received(it, wanted) for it in found))


async def _delete(queue: Queue, asked: Asked, _host: str) -> Told:
    queue.delete(asked.receipt_handle)
    return _NOTHING


async def _change_visibility(queue: Queue, asked: Asked, _host: str) -> Told:
    if asked.visibility_timeout is None:
        raise AwsRefusal(
            "MissingParameter", "The request must contain the parameter VisibilityTimeout."
        )
    queue.change_visibility(asked.receipt_handle, asked.visibility_timeout)
    return _NOTHING


async def _attributes(queue: Queue, asked: Asked, _host: str) -> Told:
    wanted = asked.attribute_names
    told = queue.attributes()
    return Told(attributes={k: v for k, v in told.items() if k in wanted or "All" in wanted})


Call = Callable[[Queue, Asked, str], Awaitable[Told]]

CALLS: Mapping[str, Call] = {
    "ChangeMessageVisibility": _change_visibility,
    "DeleteMessage": _delete,
    "GetQueueAttributes": _attributes,
    "GetQueueUrl": _get_queue_url,
    "ReceiveMessage": _receive,
}


async def answer(queue: Queue, name: str, asked: Asked, host: str) -> Told:
    """Carry out a call.

    Raises:
        AwsRefusal: there is no such call or queue, or it does not take its parameters.
    """
    call = CALLS.get(name)
    if call is None:
        raise no_such_action(name)
    if name != "GetQueueUrl":
        queue.check_url(asked.queue_url)
    return await call(queue, asked, host)


def read_json(body: bytes) -> Asked:
    """Return the parameters of a call in JSON.

    Raises:
        AwsRefusal: it is none.
    """
    try:
        return msgspec.json.decode(body or b"{}", type=Asked)
    except msgspec.DecodeError as error:
        raise AwsRefusal("SerializationException", f"The request is malformed: {error}") from error


def read_query(parameters: Parameters) -> Asked:
    """Return the parameters of a call in the query protocol."""
    visibility = parameters.number("VisibilityTimeout", -1)
    return Asked(
        queue_name=parameters.text("QueueName"),
        queue_owner_aws_account_id=parameters.text("QueueOwnerAWSAccountId"),
        queue_url=parameters.text("QueueUrl"),
        receipt_handle=parameters.text("ReceiptHandle"),
        max_number_of_messages=parameters.number("MaxNumberOfMessages", 1),
        wait_time_seconds=parameters.number("WaitTimeSeconds", 0),
        visibility_timeout=None if visibility < 0 else visibility,
        attribute_names=parameters.listed("AttributeName"),
        message_system_attribute_names=parameters.listed("MessageSystemAttributeName"),
    )


def query_result(told: Told) -> Mapping[str, Value]:
    """Return what a call answers in the query protocol, whose lists bear no name of their own."""
    result: dict[str, Value] = {"QueueUrl": told.queue_url or None}
    for number, (name, value) in enumerate(told.attributes.items()):
        result[f"Attribute#{number}"] = {"Name": name, "Value": value}
    for number, it in enumerate(told.messages):
        attributes: dict[str, Value] = {
            f"Attribute#{place}": {"Name": name, "Value": value}
            for place, (name, value) in enumerate(it.attributes.items())
        }
        result[f"Message#{number}"] = {
            "MessageId": it.message_id,
            "ReceiptHandle": it.receipt_handle,
            "MD5OfBody": it.md5_of_body,
            "Body": it.body,
            **attributes,
        }
    return result
