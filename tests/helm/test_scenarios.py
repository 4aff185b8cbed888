"""What each scenario comes to: who is told what, what may reach whom, and what an upgrade changes."""

import pytest

from dev.documents import SERVICES
from eventlog.topics import TOPICS
from inkctl.access import access_of
from inkctl.door.app import service_of
from servicekit.environment import variable_of
from servicekit.settings import Settings
from tests.helm.conftest import SCENARIOS, Object, Objects, Render

COMPONENTS = [*SERVICES, "web"]


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_service_is_told_all_that_it_needs_and_nothing_that_it_does_not_know(render: Render, scenario: str) -> None:
    objects = render(scenario)

    for service in SERVICES:
        told = objects.told(service)
        known = {variable_of(name): field.is_required() for name, field in Settings.model_fields.items()}
        assert set(told) <= set(known)
        assert {name for name, required in known.items() if required} <= set(told)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_key_of_credentials_is_auths_alone(render: Render, scenario: str) -> None:
    objects = render(scenario)

    assert ["auth"] == [service for service in SERVICES if "INKSTREAM_CREDENTIALS_KEK" in objects.told(service)]
    told = objects.told("auth")
    assert told["INKSTREAM_CREDENTIALS_KEK"].partition("/")[0] != told["INKSTREAM_KEK"].partition("/")[0]


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_pod_keeps_to_the_restricted_standard(render: Render, scenario: str) -> None:
    for pod in pods(render(scenario)):
        security = pod["securityContext"]
        assert (True, "RuntimeDefault", False, False) == (
            security["runAsNonRoot"],
            security["seccompProfile"]["type"],
            pod["automountServiceAccountToken"],
            pod["enableServiceLinks"],
        )
        for container in [*pod["containers"], *pod.get("initContainers", [])]:
            assert ({"drop": ["ALL"]}, False) == tuple(
                container["securityContext"][name] for name in ("capabilities", "allowPrivilegeEscalation")
            )
            assert {"cpu", "memory"} <= set(container["resources"]["requests"])
            assert "memory" in container["resources"]["limits"]


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_way_in_names_the_services_that_the_front_door_names(render: Render, scenario: str) -> None:
    routes = {path: backend for path, backend in routes_of(render(scenario)).items() if backend != "web"}

    assert {path: service_of(path).removesuffix("_service") for path in routes} == routes
    if scenario in {"gke", "ingress", "minimal", "operators"}:
        assert {"/", "/api/auth", "/.well-known", "/api/posts", "/api/comments"} == set(routes)


@pytest.mark.parametrize("scenario", ["gke", "ingress", "minimal", "operators"])
def test_what_is_for_operators_is_kept_from_the_public(render: Render, scenario: str) -> None:
    routes = routes_of(render(scenario))

    assert {"web"} == {routes[path] for path in ("/assets", "/livez", "/readyz", "/metrics")}


def test_the_job_is_named_by_what_it_does(render: Render) -> None:
    def name(**kafka: object) -> str:
        [job] = render("minimal", {"kafka": kafka}).of("Job")
        return job

    assert name() == name()
    assert name() != name(topicPrefix="other.")
    assert name().startswith("topics-")
    assert all("hook" not in key for key in render("minimal").of("Job")[name()]["metadata"].get("annotations", {}))


def test_a_job_may_grant_each_service_what_it_does(render: Render) -> None:
    [job] = render("ingress").of("Job").values()
    container = job["spec"]["template"]["spec"]["containers"][0]

    assert ["inkctl", "topics", "ensure"] == container["args"][:3]
    assert {f"--grant={service}_service=User:{service}" for service in SERVICES} == set(container["args"][4:])


def test_each_service_comes_to_kafka_as_itself(render: Render) -> None:
    objects = render("ingress")

    for service in SERVICES:
        told = objects.told(service)
        assert (
            "true",
            "/etc/inkstream/kafka/ca.crt",
            "SCRAM-SHA-512",
            service,
            f"kafka-{service}/password",
            f"mongodb-{service}/connectionString",
        ) == tuple(told[f"INKSTREAM_{name}"] for name in ("KAFKA_TLS", "KAFKA_CA", "KAFKA_SASL", "KAFKA_USER", "KAFKA_PASSWORD", "MONGO"))


def test_strimzis_users_may_do_what_their_services_do(render: Render) -> None:
    users = render("operators").of("KafkaUser")

    for service in SERVICES:
        acls = {acl["resource"]["name"]: tuple(acl["operations"]) for acl in users[service]["spec"]["authorization"]["acls"]}
        access = access_of(f"{service}_service")
        assert {f"inkstream.{topic}": access.operations(topic) for topic in access.reads} == acls
    assert {*SERVICES, "topics"} == set(users)


def test_the_operators_mongodb_gives_each_service_its_own_databases(render: Render) -> None:
    objects = render("operators")
    [mongodb] = objects.of("MongoDBCommunity").values()

    for user in mongodb["spec"]["users"]:
        own = f"inkstream_{user['name']}"
        assert [{"name": "readWrite", "db": own}, {"name": "readWrite", "db": f"{own}_local"}] == user["roles"]
        assert f"{user['connectionStringSecretName']}/connectionString.standard" == objects.told(user["name"])["INKSTREAM_MONGO"]


def test_on_gke_tokens_are_googles_and_the_client_is_the_last_but_one(render: Render) -> None:
    told = render("gke").told("posts")

    assert ("OAUTHBEARER", "google", "true", "lz4") == tuple(
        told[f"INKSTREAM_{name}"] for name in ("KAFKA_SASL", "KAFKA_TOKEN", "KAFKA_TLS", "COMPRESSION")
    )
    assert ("2", "130.211.0.0/22 35.191.0.0/16") == (told["INKSTREAM_TRUSTED_HOPS"], told["INKSTREAM_TRUSTED_PROXIES"])


def test_gkes_health_checks_ask_what_kubernetes_asks(render: Render) -> None:
    objects = render("gke")

    for component in COMPONENTS:
        check = objects.of("HealthCheckPolicy")[component]["spec"]["default"]["config"]["httpHealthCheck"]["requestPath"]
        assert check == objects.container(component)["readinessProbe"]["httpGet"]["path"]
    timeouts = {name: policy["spec"]["default"]["timeoutSec"] for name, policy in objects.of("GCPBackendPolicy").items()}
    assert {"auth": 30, "posts": 30, "comments": 30, "query": 3600, "web": 30} == timeouts


def test_a_token_of_kubernetes_own_is_mounted_where_the_service_looks_for_it(render: Render) -> None:
    objects = render("tokens")
    spec = objects.of("Deployment")["posts"]["spec"]["template"]["spec"]

    [volume] = [each for each in spec["volumes"] if each["name"] == "kafka-token"]
    [mount] = [each for each in spec["containers"][0]["volumeMounts"] if each["name"] == "kafka-token"]
    token = volume["projected"]["sources"][0]["serviceAccountToken"]
    assert objects.told("posts")["INKSTREAM_KAFKA_TOKEN"] == f"{mount['mountPath']}/{token['path']}"
    assert "kafka" == token["audience"]


@pytest.mark.parametrize(("scenario", "kind"), [("gke", "HorizontalPodAutoscaler"), ("operators", "ScaledObject")])
def test_what_scales_decides_on_the_number_of_replicas_alone(render: Render, scenario: str, kind: str) -> None:
    objects = render(scenario)

    assert set(COMPONENTS) == set(objects.of(kind))
    assert all("replicas" not in deployment["spec"] for deployment in objects.of("Deployment").values())


def test_one_component_may_be_otherwise_even_by_no(render: Render) -> None:
    changes = {"services": {"posts": {"replicas": 5, "podDisruptionBudget": {"enabled": False}, "topologySpread": False}}}

    objects = render("minimal", changes)

    assert {"auth": 2, "posts": 5, "comments": 2, "query": 2, "web": 2} == {
        name: deployment["spec"]["replicas"] for name, deployment in objects.of("Deployment").items()
    }
    assert {"auth", "comments", "query", "web"} == set(objects.of("PodDisruptionBudget"))
    assert "topologySpreadConstraints" not in objects.of("Deployment")["posts"]["spec"]["template"]["spec"]


def test_nothing_comes_in_or_goes_out_but_what_is_named(render: Render) -> None:
    policies = render("operators").of("NetworkPolicy")

    nothing = policies.pop("nothing")["spec"]
    assert (["Ingress", "Egress"], set()) == (nothing["policyTypes"], {"ingress", "egress"} & set(nothing))
    peers = [peer for policy in policies.values() for rule in policy["spec"].get("ingress", []) for peer in rule["from"]]
    assert {} not in peers
    gateways = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "gateways"}}}
    assert all(gateways in policies[component]["spec"]["ingress"][0]["from"] for component in COMPONENTS)


def test_secrets_that_helm_makes_are_keys_and_outlive_the_release(render: Render) -> None:
    secrets = render("dev").of("Secret")

    assert {"keys": {"INKSTREAM_KEK", "INKSTREAM_LOOKUP_KEY"}, "credentials-key": {"INKSTREAM_CREDENTIALS_KEK"}} == {
        name: set(secret["data"]) for name, secret in secrets.items()
    }
    assert {"keep"} == {secret["metadata"]["annotations"]["helm.sh/resource-policy"] for secret in secrets.values()}


def test_only_trying_out_makes_secrets_and_stores(render: Render) -> None:
    made = {scenario: {each["kind"] for each in render(scenario)} & {"Secret", "StatefulSet"} for scenario in SCENARIOS}

    assert {"dev"} == {scenario for scenario, kinds in made.items() if kinds}


def test_all_topics_are_somebodys(render: Render) -> None:
    users = render("operators").of("KafkaUser")
    written = {
        acl["resource"]["name"] for user in users.values() for acl in user["spec"]["authorization"]["acls"] if "Write" in acl["operations"]
    }

    assert {f"inkstream.{topic}" for topic in TOPICS} == written


def pods(objects: Objects) -> list[Object]:
    specs = [each["spec"]["template"]["spec"] for each in objects if each["kind"] in {"Deployment", "StatefulSet", "Job"}]
    return [*specs, *(each["spec"] for each in objects if each["kind"] == "Pod")]


def routes_of(objects: Objects) -> dict[str, str]:
    """The component that answers each path."""
    found: dict[str, str] = {}
    for route in objects.of("HTTPRoute").values():
        for rule in route["spec"]["rules"]:
            for match in rule.get("matches", []):
                found[match["path"]["value"]] = rule["backendRefs"][0]["name"].removeprefix("blog-inkstream-")
    for ingress in objects.of("Ingress").values():
        for path in ingress["spec"]["rules"][0]["http"]["paths"]:
            found[path["path"]] = path["backend"]["service"]["name"].removeprefix("blog-inkstream-")
    return found
