"""Who may do what: mappings of the authenticator, roles of service accounts, the issuer."""

from __future__ import annotations

import re

from kingtide.check.kops_documents import Fault, Faults, KopsDocuments
from kingtide.check.plain_values import is_on, items_at, text_at, value_at
from kingtide.check.rule import Example, Rule
from kingtide.check.rules.kops.located import cluster_patch, in_kops
from kingtide.fleet.documents.tree import Path

_AWS: Path = ("spec", "authentication", "aws")
_ACCOUNTS: Path = ("spec", "iam", "serviceAccountExternalPermissions")
_ISSUER: Path = ("spec", "serviceAccountIssuerDiscovery")
_IDENTITY = re.compile(r"arn:aws[-a-z]*:iam::\d{12}:(role|user)/.+")
_POLICY_ARN = re.compile(r"arn:aws[-a-z]*:iam::(\d{12}|aws):policy/.+")
_BUCKET = re.compile(r"s3://([^/]+)(/.*)?")


def _identity_mappings(documents: KopsDocuments) -> Faults:
    """Note mappings that the authenticator would not read, and ARNs of neither role nor user."""
    cluster = documents.cluster
    mappings = items_at(cluster.body, *_AWS, "identityMappings")
    if mappings and "CRD" not in text_at(cluster.body, *_AWS, "backendMode"):
        wrong = "identityMappings are objects of the cluster, which backendMode does not read"
        yield Fault(cluster, (*_AWS, "backendMode"), wrong, "write `backendMode: CRD`")
    for index, mapping in enumerate(mappings):
        at: Path = (*_AWS, "identityMappings", index)
        arn = text_at(mapping, "arn")
        if not _IDENTITY.fullmatch(arn):
            wrong = f"{arn!r} is neither a role nor a user"
            advice = "write arn:aws:iam::<account>:role/<name> or user/<name>"
            yield Fault(cluster, (*at, "arn"), wrong, advice)
        if not text_at(mapping, "username"):
            yield Fault(cluster, (*at, "username"), "has no username", "write `username:`")


def _service_accounts(documents: KopsDocuments) -> Faults:
    """Note service accounts with both kinds of policy, with none, or with an ARN that is none."""
    cluster = documents.cluster
    accounts = items_at(cluster.body, *_ACCOUNTS)
    seen: dict[tuple[str, str], None] = {}
    for index, account in enumerate(accounts):
        at: Path = (*_ACCOUNTS, index)
        name, namespace = text_at(account, "name"), text_at(account, "namespace")
        inline = text_at(account, "aws", "inlinePolicy")
        arns = items_at(account, "aws", "policyARNs")
        if bool(inline) == bool(arns):
            both = "both inlinePolicy and policyARNs" if inline else "no policy"
            wrong = f"{namespace}/{name} has {both}"
            yield Fault(cluster, (*at, "aws"), wrong, "write one of inlinePolicy and policyARNs")
        for number, arn in enumerate(arns):
            if not isinstance(arn, str) or not _POLICY_ARN.fullmatch(arn):
                wrong = f"{arn!r} is not the ARN of a policy"
                advice = "write arn:aws:iam::<account>:policy/<name>"
                yield Fault(cluster, (*at, "aws", "policyARNs", number), wrong, advice)
        if (namespace, name) in seen:
            wrong = f"{namespace}/{name} stands there twice"
            yield Fault(cluster, (*at, "name"), wrong, "write it once")
        seen[namespace, name] = None
    if accounts and value_at(cluster.body, _ISSUER) is None:
        wrong = "service accounts have roles, and AWS finds no issuer to trust"
        yield Fault(cluster, _ISSUER, wrong, "add `iam: {issuerBucket: s3://...}`")


def _discovery_stores(documents: KopsDocuments) -> Faults:
    """Note issuers' buckets that AWS cannot reach over HTTPS."""
    cluster = documents.cluster
    at: Path = (*_ISSUER, "discoveryStore")
    store = text_at(cluster.body, *at)
    bucket = _BUCKET.fullmatch(store)
    if store.startswith("s3://") and (bucket is None or "." in bucket[1]):
        wrong = f"bucket {store!r} has a dot, for which S3 has no certificate"
        yield Fault(cluster, at, wrong, "take a bucket with dashes instead")
    if not store and is_on(cluster.body, *_ISSUER, "enableAWSOIDCProvider"):
        wrong = "enableAWSOIDCProvider needs a store that AWS can read"
        yield Fault(cluster, at, wrong, "write `discoveryStore: s3://...`")


_ROLE = (
    "iam: {{serviceAccountExternalPermissions: [{{name: api, namespace: shop, aws: {{{aws}}}}}]}},"
    ' serviceAccountIssuerDiscovery: {{discoveryStore: "s3://acme-oidc/prod"}}'
)
_MAPPED = "iam: {{authenticator: [{{arn: '{arn}', username: me}}]}}"
RULES = (
    Rule(
        code="KT638",
        title="Mappings that the authenticator does not read",
        severity="error",
        why="With another backend than CRD the mappings are objects that nobody looks at,"
        " and nobody gets in. The authenticator knows roles and users, and no sessions of"
        " them (sts assumed-role).",
        source="https://github.com/kubernetes-sigs/aws-iam-authenticator#full-configuration-format"
        " (v0.7)",
        failing=Example(
            spec=_MAPPED.format(arn="arn:aws:sts::111111111111:assumed-role/platform/me")
        ),
        passing=Example(spec=_MAPPED.format(arn="arn:aws:iam::111111111111:role/platform")),
        check=in_kops(_identity_mappings),
    ),
    Rule(
        code="KT639",
        title="A service account whose permissions are unclear",
        severity="error",
        why="kops takes either a policy of its own or existing ones, and refuses both at"
        " once; without an issuer that AWS can read no role can be taken at all.",
        source="https://github.com/kubernetes/kops/tree/master/pkg/apis/kops/validation (2026-08)",
        failing=cluster_patch(_ROLE.format(aws="")),
        passing=cluster_patch(
            _ROLE.format(aws="policyARNs: [arn:aws:iam::aws:policy/ReadOnlyAccess]")
        ),
        check=in_kops(_service_accounts),
    ),
    Rule(
        code="KT640",
        title="An issuer's bucket that AWS cannot read",
        severity="error",
        why="AWS fetches the cluster's keys over HTTPS, and S3's certificate does not cover"
        " bucket names with dots: no pod would get its role.",
        source="https://kops.sigs.k8s.io/cluster_spec/#service-account-issuer-discovery-and-aws-iam-roles-for-service-accounts-irsa"
        " (kops 1.35)",
        failing=cluster_patch(
            'serviceAccountIssuerDiscovery: {discoveryStore: "s3://oidc.acme.com"}'
        ),
        passing=cluster_patch('serviceAccountIssuerDiscovery: {discoveryStore: "s3://acme-oidc"}'),
        check=in_kops(_discovery_stores),
    ),
)
