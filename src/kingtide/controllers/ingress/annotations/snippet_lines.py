"""Lines of HAProxy's configuration that users write, read as HAProxy reads them.

Only directives that stay within their section are let through, by a list of those; and nothing in
them that opens files or sockets, or reaches what belongs to others.
"""

from __future__ import annotations

from re import compile as expression
from re import fullmatch

from kingtide.controllers.ingress.annotations.reading import Unreadable, lines, shown

_RULES = "acl|http-request|http-response|http-after-response|tcp-request|stick-table|timeout|option"
BACKEND = (
    f"{_RULES}|tcp-response|stick|balance|hash-type|hash-balance-factor|retries|retry-on|fullconn"
    "|http-send-name-header|http-reuse|http-check|tcp-check|compression|redirect|cookie"
    "|max-keep-alive-queue|ignore-persist|force-persist|persist"
)
FRONTEND = (
    f"{_RULES}|maxconn|rate-limit|compression|redirect|unique-id-format|unique-id-header|capture"
    "|monitor-uri"
)
STATS = "stats|acl|http-request|http-response"
PROCESS = (
    r"ssl-default-(bind|server)-(options|ciphers|ciphersuites)|ssl-default-bind-curves"
    r"|tune\.ssl\.(default-dh-param|cachesize|lifetime)|tune\.(maxrewrite|http\.maxhdr)"
    r"|tune\.h2\.(max-concurrent-streams|initial-window-size|header-table-size)"
    r"|tune\.idle-pool\.shared|spread-checks|maxconnrate|maxsslconn|maxsslrate|maxsessrate"
    r"|maxcomprate|maxcompcpuusage|description"
)
"""First words, by the section. Source: https://docs.haproxy.org/2.6/configuration.html#4.1"""

_FORBIDDEN = (
    "-f|-M|file|lf-file|errorfiles?|default-errorfiles|ca-file|crl-file|crt|crt-list|key"
    "|ca-verify-file|use-service|external-check|connect|admin|scope|addr|transparent"
)
_REACHING = expression(
    r"(?i)env\(|lua\.|map[a-z_]*\(|-acl\(|do-resolve|proc\.|kingtide|unix@|abns@|fd@|sockpair@|:///"
    r"|normalize-uri|deviceatlas|51d|wurfl|opentracing|spoe|filter"
)
"""Within a word: files and the environment, Lua, variables of the process and of the controller."""


def snippet(text: str, allowed: str) -> tuple[tuple[str, ...], ...]:
    """Return a snippet's lines as words.

    Raises:
        Unreadable: a line may not be written; the message says which and why.
    """
    found = tuple(words for line in lines(text) if (words := words_of(line)))
    for words in found:
        _check(words, allowed)
    return found


def _check(words: tuple[str, ...], allowed: str) -> None:
    first = words[1] if words[0] == "no" and len(words) > 1 else words[0]
    line = shown(" ".join(words))
    if fullmatch(allowed, first) is None:
        raise Unreadable(f"{line}: {shown(first)} may not stand in a snippet of this section")
    for word in words:
        if fullmatch(_FORBIDDEN, word):
            raise Unreadable(f"{line}: {shown(word)} reaches beyond its section")
        reaching = _REACHING.search(word)
        if reaching is not None:
            raise Unreadable(f"{line}: {shown(reaching.group())} reaches beyond its section")


def words_of(line: str) -> tuple[str, ...]:
    """Return a line's words, as HAProxy splits and unquotes them; a comment ends the line.

    Raises:
        Unreadable: a quote is not closed, or a variable of the environment is named.
    """
    words: list[str] = []
    word: list[str] = []
    has_word, quote, at = False, "", 0
    while at < len(line):
        char = line[at]
        at += 1
        if char == "\\" and quote != "'":
            if at == len(line):
                raise Unreadable(f"{shown(line)} ends with a backslash")
            word.append(line[at])
            has_word, at = True, at + 1
        elif char == quote:
            quote = ""
        elif not quote and char in "'\"":
            quote, has_word = char, True
        elif quote == '"' and char == "$":
            raise Unreadable(f"{shown(line)} names a variable of the environment")
        elif not quote and char in " \t#":
            if has_word:
                words.append("".join(word))
            word, has_word = [], False
            if char == "#":
                break
        else:
            word.append(char)
            has_word = True
    if quote:
        raise Unreadable(f"{shown(line)} has a quote that is not closed")
    return (*words, "".join(word)) if has_word else tuple(words)
