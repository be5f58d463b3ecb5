"""What of a request users may name: a part of HAProxy's sample fetches that looks at it alone."""

from __future__ import annotations

from re import fullmatch

from kingtide.controllers.ingress.annotations.reading import Unreadable, shown

_NAMED = r"hdr|req\.f?hdr(?:_cnt)?|cookie|req\.cook(?:_cnt)?|url_param|urlp"
_PLAIN = (
    r"base|path|pathq|url|query|method|req\.ver|src|src_port|dst|dst_port|ssl_fc|ssl_fc_cipher"
    r"|ssl_fc_protocol|ssl_fc_sni|ssl_fc_alpn|ssl_c_s_dn|ssl_c_i_dn|ssl_c_verify|unique-id"
)


def sample(text: str) -> str:
    """Return an expression of what it may be: one fetch, with a name where it takes one.

    Raises:
        Unreadable: it is another; nothing that reads files, variables or the environment is one.
    """
    if fullmatch(rf"(?:{_PLAIN})|(?:{_NAMED})\([A-Za-z0-9._-]{{1,128}}\)", text) is None:
        message = "is nothing that is looked up; write req.hdr(Name) or cookie(Name)"
        raise Unreadable(f"{shown(text)} {message}")
    return text
