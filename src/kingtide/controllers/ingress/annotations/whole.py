"""What the ConfigMap asks for of the whole proxy."""

from __future__ import annotations

import msgspec

from kingtide.controllers.ingress.desired import Listening, SecretFile
from kingtide.controllers.ingress.directive import Directive
from kingtide.controllers.ingress.told import Problem


class Whole(msgspec.Struct, frozen=True, gc=False):
    """Directives by their sections, and how connections are taken.

    `default_certificate` is the `namespace/name` of a Secret, empty for none.
    """

    process: tuple[Directive, ...] = ()
    defaults: tuple[Directive, ...] = ()
    frontend: tuple[Directive, ...] = ()
    stats: tuple[Directive, ...] = ()
    listening: Listening = Listening()
    secret_files: tuple[SecretFile, ...] = ()
    default_certificate: str = ""
    problems: tuple[Problem, ...] = ()
