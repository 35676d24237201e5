"""Of the two custom resources that the chart may make, the part that it uses, as their own projects describe it.

KEDA: https://keda.sh/docs/latest/reference/scaledobject-spec/
Prometheus operator: https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.ServiceMonitor
"""

from __future__ import annotations

from typing import Any, Final

_TEXT: Final = {"type": "string", "minLength": 1}
_COUNT: Final = {"type": "integer", "minimum": 1}


def _object(needed: dict[str, Any], **optional: Any) -> dict[str, Any]:
    properties = {**needed, **optional}
    return {"type": "object", "additionalProperties": False, "required": list(needed), "properties": properties}


def _resource(kind: str, spec: dict[str, Any]) -> dict[str, Any]:
    metadata = _object({"name": _TEXT, "labels": {"type": "object"}})
    return _object({"apiVersion": _TEXT, "kind": {"const": kind}, "metadata": metadata, "spec": spec})


_POLICY: Final = _object({"type": {"enum": ["Pods", "Percent"]}, "value": _COUNT, "periodSeconds": _COUNT})
_RULES: Final = _object(
    {"policies": {"type": "array", "minItems": 1, "items": _POLICY}},
    stabilizationWindowSeconds={"type": "integer", "minimum": 0, "maximum": 3600},
)
_PROMETHEUS: Final = _object(
    {"serverAddress": _TEXT, "query": _TEXT, "threshold": {"type": "string", "pattern": r"^\d+$"}},
    ignoreNullValues={"enum": ["true", "false"]},
)
_SCALED: Final = _object(
    {
        "scaleTargetRef": _object({"name": _TEXT}, apiVersion=_TEXT, kind=_TEXT),
        "triggers": {
            "type": "array",
            "minItems": 1,
            "items": _object(
                {"type": {"const": "prometheus"}, "metadata": _PROMETHEUS},
                metricType={"enum": ["AverageValue", "Value"]},
            ),
        },
    },
    pollingInterval=_COUNT,
    minReplicaCount=_COUNT,
    maxReplicaCount=_COUNT,
    advanced=_object(
        {"horizontalPodAutoscalerConfig": _object({"behavior": _object({"scaleUp": _RULES, "scaleDown": _RULES})})}
    ),
)
_MONITOR: Final = _object(
    {
        "selector": _object({"matchLabels": {"type": "object", "minProperties": 1}}),
        "endpoints": {
            "type": "array",
            "minItems": 1,
            "items": _object(
                {"port": _TEXT, "path": {"type": "string", "pattern": "^/"}},
                interval={"type": "string", "pattern": r"^\d+(ms|s|m|h)$"},
                authorization=_object({"type": _TEXT, "credentials": _object({"name": _TEXT, "key": _TEXT})}),
                relabelings={"type": "array", "items": _object({"targetLabel": _TEXT, "replacement": _TEXT})},
            ),
        },
    }
)
SCHEMAS: Final[dict[str, dict[str, Any]]] = {
    "keda.sh/v1alpha1": _resource("ScaledObject", _SCALED),
    "monitoring.coreos.com/v1": _resource("ServiceMonitor", _MONITOR),
}
