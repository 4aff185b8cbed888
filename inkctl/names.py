"""The names of the programs of the embedded run; `status`, logs and ports go by them."""

from collections.abc import Mapping

AUTH, POSTS, COMMENTS, QUERY = "auth_service", "posts_service", "comments_service", "query_service"
SERVICES = (AUTH, POSTS, COMMENTS, QUERY)
KAFKA, KAFKA_CONTROLLER, MONGOD, DOOR, VITE = "kafka", "kafka_controller", "mongod", "door", "vite"


def names_of(replicas: Mapping[str, int]) -> list[str]:
    """Name the processes of the services: `posts_service`, and `posts_service.2` for its second replica."""
    return [name if number == 1 else f"{name}.{number}" for name in SERVICES for number in range(1, replicas.get(name, 1) + 1)]


def service_of(name: str) -> str:
    """Name the service that a process is a replica of."""
    return name.partition(".")[0]


def port_names(replicas: Mapping[str, int]) -> list[str]:
    """Name everything that needs a port of its own, beside the door, whose port the user chooses."""
    return [KAFKA, KAFKA_CONTROLLER, MONGOD, *names_of(replicas)]
