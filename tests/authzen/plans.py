"""The AuthZEN plans of the OpenID Foundation's conformance suite 5.2.3: module names as the suite prints them."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Plan:
    """`endpoint` is the member of the decision point's metadata that says where it is."""

    endpoint: str
    modules: tuple[str, ...]


_BODIES: Final = (
    "reject-get-method", "reject-put-method", "reject-top-level-array", "reject-non-json-content-type",
    "accept-content-type-with-charset", "reject-malformed-json", "reject-empty-body",
)  # fmt: skip
_SAME: Final = ("x-request-id-echoed", "idempotency")

PLANS: Final = {
    "evaluation": Plan("access_evaluation_endpoint", (
        "fixture-request-permit-decision", "fixture-request-deny-decision", "request-with-optional-context",
        "request-with-additional-properties", "fixture-request-deny-based-on-properties",
        "fixture-request-permit-based-on-subject-properties", "fixture-request-permit-based-on-action-properties",
        "fixture-request-deny-based-on-action-properties", "missing-subject", "missing-action", "missing-resource",
        "subject-missing-type", "subject-missing-id", "action-missing-name", "resource-missing-type", "resource-missing-id",
        "subject-is-string", "action-name-is-number", *_SAME, "unknown-top-level-fields-ignored", "unknown-subject-fields-ignored",
        "unknown-resource-fields-ignored", "unknown-action-fields-ignored", *_BODIES, "missing-credentials-returns-401",
        "invalid-credentials-returns-401",
    )),
    "evaluations": Plan("access_evaluations_endpoint", (
        "batch-request-with-evaluations-array", "batch-with-fixture-decisions-validated", "batch-with-fully-specified-evaluations",
        "batch-with-context-inheritance", "evaluation-level-errors", "default-semantic-is-execute-all", "execute-all-explicit",
        "deny-on-first-deny", "permit-on-first-permit", "unknown-semantic-value", "per-eval-overrides-default",
        "missing-subject-returns-decision-false", "missing-evaluations-array-backward-compat",
        "empty-evaluations-array-backward-compat", "unknown-top-level-fields-ignored", *_SAME, *_BODIES,
        "batch-with-properties-validated", "batch-with-subject-properties-validated", "batch-with-default-value-merging",
    )),
    "subject-search": Plan("search_subject_endpoint", (
        "valid-subject-search-request-with-non-empty-results", "subject-search-with-context",
        "subject-search-with-subject-id-omitted", "request-with-page-limit", "unknown-entity-type", *_SAME, *_BODIES,
        "missing-action", "action-missing-name", "action-is-string", "missing-resource", "resource-missing-id",
        "resource-missing-type", "subject-missing-type", "unknown-top-level-fields-ignored", "unknown-page-fields-ignored",
        "extra-subject-id-ignored", "subject-search-with-resource-properties",
    )),
    "resource-search": Plan("search_resource_endpoint", (
        "valid-resource-search-request-with-non-empty-results", "resource-search-with-resource-id-omitted", *_SAME, *_BODIES,
        "missing-subject", "subject-missing-id", "missing-resource", "resource-missing-type", "missing-action",
        "action-missing-name", "extra-resource-id-ignored", "unknown-top-level-fields-ignored",
        "resource-search-with-subject-properties",
    )),
    "action-search": Plan("search_action_endpoint", (
        "valid-action-search-request-with-non-empty-results", "action-search-with-context", "unknown-entity-identifier", *_SAME,
        *_BODIES, "missing-resource", "resource-missing-id", "resource-missing-type", "missing-subject", "subject-missing-id",
        "subject-missing-type", "subject-is-string", "unknown-top-level-fields-ignored", "extra-action-ignored",
        "action-search-with-properties",
    )),
}  # fmt: skip
