"""Ports on loopback: free ones chosen at the first start and kept, and who holds one that is taken."""

import random
import socket

LOOPBACK = "127.0.0.1"
# Below those that Linux hands out for outgoing connections, so that none of these takes a port of ours while we are down.
RANGE = range(20000, 32000)


def is_free(port: int) -> bool:
    """Whether a server could listen there now."""
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((LOOPBACK, port))
            trial.listen(1)
        except OSError:
            return False
    return True


def free_port() -> int:
    """Find a port that nobody listens on."""
    while True:
        port = random.choice(RANGE)  # noqa: S311 - no secret
        if is_free(port):
            return port
