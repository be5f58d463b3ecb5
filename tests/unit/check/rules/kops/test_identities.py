from __future__ import annotations

import pytest

from kingtide.check.rules.kops import identities
from tests.unit.check.rules.kops.documents import Change, faults


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param(
            [
                (
                    "",
                    ("spec", "authentication"),
                    {
                        "aws": {
                            "backendMode": "MountedFile",
                            "identityMappings": [
                                {"arn": "arn:aws:iam::111111111111:user/me", "username": "me"}
                            ],
                        }
                    },
                )
            ],
            ["Cluster spec.authentication.aws.backendMode"],
            id="by files",
        ),
        pytest.param(
            [
                (
                    "",
                    ("spec", "authentication"),
                    {
                        "aws": {
                            "backendMode": "CRD,MountedFile",
                            "identityMappings": [
                                {"arn": "arn:aws-cn:iam::111111111111:role/a/b", "username": "me"}
                            ],
                        }
                    },
                )
            ],
            [],
            id="by objects and files",
        ),
        pytest.param(
            [
                (
                    "",
                    ("spec", "authentication"),
                    {
                        "aws": {
                            "backendMode": "CRD",
                            "identityMappings": [
                                {"arn": "arn:aws:iam::111111111111:group/all", "username": "me"}
                            ],
                        }
                    },
                )
            ],
            ["Cluster spec.authentication.aws.identityMappings[0].arn"],
            id="of a group",
        ),
        pytest.param(
            [
                (
                    "",
                    ("spec", "authentication"),
                    {
                        "aws": {
                            "backendMode": "CRD",
                            "identityMappings": [{"arn": "arn:aws:iam::111111111111:user/me"}],
                        }
                    },
                )
            ],
            ["Cluster spec.authentication.aws.identityMappings[0].username"],
            id="of nobody",
        ),
    ],
)
def test_mappings_are_read_and_of_roles_or_users(
    changes: list[Change], expected: list[str]
) -> None:
    assert faults(identities._identity_mappings, *changes) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param(
            [
                (
                    "",
                    ("spec", "iam", "serviceAccountExternalPermissions"),
                    [{"name": "a", "namespace": "b", "aws": {"inlinePolicy": "[]"}}],
                ),
                ("", ("spec", "serviceAccountIssuerDiscovery"), {"discoveryStore": "s3://a"}),
            ],
            [],
            id="with one policy",
        ),
        pytest.param(
            [
                (
                    "",
                    ("spec", "iam", "serviceAccountExternalPermissions"),
                    [
                        {
                            "name": "a",
                            "namespace": "b",
                            "aws": {
                                "inlinePolicy": "[]",
                                "policyARNs": ["arn:aws:iam::aws:policy/X"],
                            },
                        }
                    ],
                ),
                ("", ("spec", "serviceAccountIssuerDiscovery"), {"discoveryStore": "s3://a"}),
            ],
            ["Cluster spec.iam.serviceAccountExternalPermissions[0].aws"],
            id="with both",
        ),
        pytest.param(
            [
                (
                    "",
                    ("spec", "iam", "serviceAccountExternalPermissions"),
                    [{"name": "a", "namespace": "b", "aws": {"policyARNs": ["X"]}}],
                ),
                ("", ("spec", "serviceAccountIssuerDiscovery"), {"discoveryStore": "s3://a"}),
            ],
            ["Cluster spec.iam.serviceAccountExternalPermissions[0].aws.policyARNs[0]"],
            id="with no ARN",
        ),
        pytest.param(
            [
                (
                    "",
                    ("spec", "iam", "serviceAccountExternalPermissions"),
                    [{"name": "a", "namespace": "b", "aws": {"inlinePolicy": "[]"}}],
                )
            ],
            ["Cluster spec.serviceAccountIssuerDiscovery"],
            id="without an issuer",
        ),
    ],
)
def test_a_service_account_has_one_kind_of_policy(
    changes: list[Change], expected: list[str]
) -> None:
    assert faults(identities._service_accounts, *changes) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param(
            [
                (
                    "",
                    ("spec", "serviceAccountIssuerDiscovery"),
                    {"discoveryStore": "s3://acme/prod.k8s"},
                )
            ],
            [],
            id="with a dot in the path",
        ),
        pytest.param(
            [("", ("spec", "serviceAccountIssuerDiscovery"), {"discoveryStore": "s3://acme.oidc"})],
            ["Cluster spec.serviceAccountIssuerDiscovery.discoveryStore"],
            id="with a dot",
        ),
        pytest.param(
            [("", ("spec", "serviceAccountIssuerDiscovery"), {"enableAWSOIDCProvider": True})],
            ["Cluster spec.serviceAccountIssuerDiscovery.discoveryStore"],
            id="missing",
        ),
    ],
)
def test_an_issuers_bucket_has_no_dots(changes: list[Change], expected: list[str]) -> None:
    assert faults(identities._discovery_stores, *changes) == expected
