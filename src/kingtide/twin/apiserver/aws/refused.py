"""Calls that are answered with an error, by AWS' own codes.

Source: https://docs.aws.amazon.com/autoscaling/ec2/APIReference/CommonErrors.html (read November
2026).
"""

from __future__ import annotations


class AwsRefusal(Exception):
    """A call that the API does not take; `code` is AWS', `status` HTTP's."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status

    @property
    def fault(self) -> str:
        """Whose mistake it is, as AWS says it: the caller's or the service's."""
        return "Sender" if self.status < 500 else "Receiver"


def invalid(message: str) -> AwsRefusal:
    """Return the refusal of parameters that make no sense together or alone."""
    return AwsRefusal("ValidationError", message)


def no_such_action(name: str) -> AwsRefusal:
    """Return the refusal of a call that is not served here."""
    return AwsRefusal("InvalidAction", f"The action {name[:60]} is not valid for this endpoint.")
