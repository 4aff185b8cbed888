"""What each service does on the log's topics, and letting its user of Kafka do that and nothing else."""

import base64
import importlib
from dataclasses import dataclass
from typing import Any, cast, get_type_hints

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import for_code
from aiokafka.protocol.admin import CreateAclsRequest

from eventlog.connecting import Way, options
from eventlog.topics import TOPICS
from servicekit.engine import ENGINE

# Kafka's protocol: kinds of resources, of names, of operations and of permissions.
TOPIC, LITERAL, ALLOW = 2, 3, 3
OPERATIONS = {"Read": 3, "Write": 4, "Describe": 8, "DescribeConfigs": 10}
READING = ("Read", "Describe", "DescribeConfigs")  # the boot guard looks at the topics' settings
WRITING = ("Write",)


@dataclass(frozen=True, slots=True)
class Access:
    """The topics, by their short names, that a service reads, and those of them that it writes."""

    reads: tuple[str, ...]
    writes: tuple[str, ...]

    def operations(self, topic: str) -> tuple[str, ...]:
        """What it does on a topic."""
        return (*READING, *WRITING) if topic in self.writes else READING


def access_of(service: str) -> Access:
    """What a service does: as it is wired, without being started."""
    key = base64.urlsafe_b64encode(bytes(32)).decode()
    told = {
        "kafka": "-",
        "mongo": "mongodb://-",
        "port": 0,
        "public_url": "http://-",
        "kek": key,
        "credentials_kek": key,
        "lookup_key": key,
    }
    create_app = importlib.import_module(f"{service}.app").create_app
    app = create_app(get_type_hints(create_app)["settings"].model_validate(told))
    own = tuple(topic.name for topic in TOPICS.values() if f"{topic.owner}_service" == service)
    return Access(reads=tuple(dict.fromkeys((*app[ENGINE].topics, *own))), writes=own)


async def grant(way: Way, service: str, principal: str, *, prefix: str = "inkstream.") -> None:
    """Let a principal (`User:posts`) do on the topics what the service does. Raises aiokafka's errors where the broker refuses."""
    access = access_of(service)
    admin = AIOKafkaAdminClient(**options(way))
    await admin.start()
    try:
        for topic in access.reads:
            for operation in access.operations(topic):
                request = CreateAclsRequest(TOPIC, prefix + topic, LITERAL, principal, "*", OPERATIONS[operation], ALLOW)
                answer = cast("Any", await admin._send_request(request))  # noqa: SLF001 - the client has no method for it
                for code, message in answer.creation_responses:
                    if code:
                        raise for_code(code)(message or f"the broker did not let {principal} {operation} {prefix}{topic}")
    finally:
        await admin.close()
