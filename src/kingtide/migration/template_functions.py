"""Which functions a kops template may call here, and why some of kops' are refused.

Sources: sprig v3.3.0 functions.go (TxtFuncMap), https://masterminds.github.io/sprig/;
https://pkg.go.dev/text/template#hdr-Functions; kops pkg/util/templater/template_functions.go.
"""

from __future__ import annotations

from kingtide.fleet.documents.nearest import nearest

FUNCTIONS = {
    "the language": (
        "and call eq ge gt html index js le len lt ne not or print printf println urlquery"
    ),
    "kops": "include indent",
    "text": (
        "abbrev abbrevboth camelcase cat contains hasPrefix hasSuffix hello initials kebabcase"
        " lower mustRegexFind mustRegexFindAll mustRegexMatch mustRegexReplaceAll"
        " mustRegexReplaceAllLiteral mustRegexSplit nindent nospace plural quote regexFind"
        " regexFindAll regexMatch regexQuoteMeta regexReplaceAll regexReplaceAllLiteral regexSplit"
        " repeat replace snakecase squote substr swapcase title trim trimAll trimPrefix trimSuffix"
        " trimall trunc untitle upper wrap wrapWith"
    ),
    "lists of text": "join sortAlpha split splitList splitn toStrings",
    "numbers": (
        "add add1 add1f addf atoi biggest ceil div divf float64 floor int int64 max maxf min minf"
        " mod mul mulf round seq sub subf toDecimal until untilStep"
    ),
    "defaults and choice": "all any coalesce compact default empty fail mustCompact ternary",
    "maps": (
        "deepCopy dict dig get hasKey keys merge mergeOverwrite mustDeepCopy mustMerge"
        " mustMergeOverwrite omit pick pluck set unset"
    ),
    "lists": (
        "append chunk concat first has initial last list mustAppend mustChunk mustFirst mustHas"
        " mustInitial mustLast mustPrepend mustPush mustRest mustReverse mustSlice mustUniq"
        " mustWithout prepend push rest reverse slice tuple uniq without"
    ),
    "types": "deepEqual kindIs kindOf toString typeIs typeIsLike typeOf",
    "encodings": (
        "b32dec b32enc b64dec b64enc fromJson mustFromJson mustToJson mustToPrettyJson"
        " mustToRawJson toJson toPrettyJson toRawJson"
    ),
    "checksums and keys": (
        "adler32sum buildCustomCert decryptAES derivePassword sha1sum sha256sum sha512sum"
    ),
    "paths and addresses": (
        "base clean dir ext isAbs osBase osClean osDir osExt osIsAbs urlJoin urlParse"
    ),
    "versions and times": "duration semver semverCompare",
}
"""Functions that do here what they do in kops, by subject."""

_AS_VALUE = "write what you want as a value, and give it with --values or --set"

REFUSED = {
    "env expandenv": ("reads the environment, which is another on the next machine", _AS_VALUE),
    (
        "ago date dateInZone dateModify date_in_zone date_modify durationRound htmlDate"
        " htmlDateInZone mustDateModify mustToDate must_date_modify now toDate unixEpoch"
    ): ("reads the clock or the machine's time zone", _AS_VALUE),
    (
        "bcrypt encryptAES genCA genCAWithKey genPrivateKey genSelfSignedCert"
        " genSelfSignedCertWithKey genSignedCert genSignedCertWithKey htpasswd randAlpha"
        " randAlphaNum randAscii randBytes randInt randNumeric shuffle uuidv4"
    ): ("gives something else each time", _AS_VALUE),
    "getHostByName": ("asks the network", _AS_VALUE),
    (
        "ChannelRecommendedImage ChannelRecommendedKopsKubernetesVersion"
        " ChannelRecommendedKubernetesUpgradeVersion"
    ): ("downloads a kops channel, which changes without you", "write the version or image down"),
    "values": (
        "gives a map's values in an order that kops leaves to chance",
        "write `range $key, $value :=` over the map, which goes by key",
    ),
}
"""kops' functions that would not give the same bytes every time, why, and what to do instead."""

_KEYWORDS = frozenset(
    ("if", "else", "end", "range", "with", "define", "template", "block", "break", "continue")
)
_CONSTANTS = frozenset(("nil", "true", "false"))
_HELM = (
    "fromJsonArray fromToml fromYaml fromYamlArray lookup mustToToml mustToYaml required toToml"
    " toYaml toYamlPretty tpl"
)

ALLOWED = frozenset(name for names in FUNCTIONS.values() for name in names.split())


def refusal(name: str) -> tuple[str, str] | None:
    """Return what is wrong with calling a function and what to do; None where nothing is."""
    if name in ALLOWED or name in _KEYWORDS or name in _CONSTANTS:
        return None
    for names, (wrong, instead) in REFUSED.items():
        if name in names.split():
            return f"{name} {wrong}", instead
    if name in _HELM.split():
        return f"{name} is Helm's: kops has no such function", "docs/reference/render.md lists them"
    meant = nearest(name, sorted(ALLOWED))
    advice = f"did you mean {meant!r}?" if meant else "docs/reference/render.md lists them"
    return f"there is no function {name!r}", advice
