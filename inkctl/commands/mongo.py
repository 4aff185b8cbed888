"""`inkctl mongo ensure`: make a MongoDB that stands alone a replica set of one, since transactions and change streams need one."""

import argparse
import os
import time
from typing import TYPE_CHECKING, Any

from inkctl.failures import Failed

if TYPE_CHECKING:
    from inkctl.commands import Subparsers

PAUSE = 0.5
VARIABLE = "INKSTREAM_MONGO"


def add_parser(subparsers: "Subparsers") -> None:
    """Say how it is called."""
    parser = subparsers.add_parser("mongo", help="prepare a MongoDB for one machine", description=__doc__)
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    ensuring = actions.add_parser("ensure", help=f"make the server that {VARIABLE} names a replica set of one", description=__doc__)
    ensuring.add_argument("--patience", type=float, default=0, metavar="SECONDS", help="how long it may take to answer (%(default)s)")
    ensuring.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Do it: its name in the set is that by which the connection string reaches it."""
    # Imported here: whoever asks for help need not wait for it.
    from pymongo import MongoClient  # noqa: PLC0415
    from pymongo.errors import InvalidURI, PyMongoError  # noqa: PLC0415
    from pymongo.uri_parser import parse_uri  # noqa: PLC0415

    from inkctl.parts.mongod import PATIENCE_MS, is_primary  # noqa: PLC0415

    url = os.environ.get(VARIABLE, "")
    try:
        host, port = parse_uri(url)["nodelist"][0]
    except InvalidURI as error:
        cure = f"set {VARIABLE} to the connection string of MongoDB, as mongodb://localhost/?directConnection=true"
        raise Failed("read the connection string", str(error), cure) from error
    deadline = time.monotonic() + arguments.patience
    why = "it has no primary yet"
    while True:
        try:
            with MongoClient[dict[str, Any]](url, serverSelectionTimeoutMS=PATIENCE_MS, directConnection=True, replicaSet=None) as client:
                if is_primary(client, f"{host}:{port}"):
                    print(f"{host}:{port} is the primary of its replica set")
                    return 0
        except PyMongoError as error:
            why = str(error)
        if time.monotonic() > deadline:
            raise Failed("make MongoDB a replica set", why, f"see that mongod runs with --replSet at {host}:{port}")
        time.sleep(PAUSE)
