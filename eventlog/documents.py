"""Documents of views as bytes: the same document has the same bytes, however the log was cut into batches."""

from typing import Any

import bson
from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument

from eventlog.projection import Doc

OPTIONS: CodecOptions[dict[str, Any]] = CodecOptions(uuid_representation=bson.binary.UuidRepresentation.STANDARD, tz_aware=True)
LARGEST = 15 << 20  # MongoDB takes 16 MiB, with all that is around a document in a transaction


class Undigested(Exception):
    """A view could not make, or a document could not hold, what the log says."""


class Encoded(RawBSONDocument):
    """A document as bytes. True without looking inside: whether it is empty is asked of every document, and takes decoding it."""

    def __bool__(self) -> bool:
        return True


def encode(doc_id: str, doc: Doc) -> Encoded:
    """A document as it is stored: its fields in the order of their names. Raises Undigested, or what BSON raises."""
    body = bson.encode({"_id": doc_id, **{name: doc[name] for name in sorted(doc) if name != "_id"}}, codec_options=OPTIONS)
    if len(body) > LARGEST:
        raise Undigested(f"its document would have {len(body)} bytes, {LARGEST} are the most")
    return Encoded(body)
