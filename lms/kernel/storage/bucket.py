"""Storage in a bucket of an S3-compatible store, through boto3 (`requirements-s3.txt`)."""

import io
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, BinaryIO, cast

import boto3  # type: ignore[import-untyped]
from botocore.config import Config  # type: ignore[import-untyped]
from botocore.exceptions import BotoCoreError, ClientError  # type: ignore[import-untyped]

from lms.kernel.settings import Settings

# /readyz is asked every few seconds by every load balancer; the store need not hear of each.
CHECKED_SECONDS = 10.0
MISSING = {"404", "NoSuchKey", "NotFound"}


class StorageFault(OSError):
    """The store did not do what was asked; the text holds no secret."""


@contextmanager
def _told(what: str) -> Iterator[None]:
    """Faults of boto3 as OSError, as a disk would have it."""
    try:
        yield
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))
        if code in MISSING:
            raise FileNotFoundError(what) from None
        raise StorageFault(f"{what}: {code}") from error
    except BotoCoreError as error:
        raise StorageFault(f"{what}: {type(error).__name__}") from error


def _client(settings: Settings) -> Any:
    return boto3.session.Session().client(
        "s3",
        endpoint_url=settings.storage_endpoint or None,
        region_name=settings.storage_region,
        aws_access_key_id=settings.storage_key_id,
        aws_secret_access_key=settings.storage_secret,
        config=Config(
            # Newer boto3 sends checksums that many compatible stores refuse.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            signature_version="s3v4",
            s3={"addressing_style": "path" if settings.storage_path_style else "virtual"},
            connect_timeout=3,
            read_timeout=20,
            retries={"max_attempts": 3, "mode": "standard"},
        ),
    )


class BucketStorage:
    """Names are keys below the prefix. An object is there whole or not at all, and for good."""

    def __init__(self, settings: Settings) -> None:
        self.address = settings.storage
        self.bucket, _, prefix = settings.storage.removeprefix("s3://").partition("/")
        self.prefix = f"{prefix}/" if prefix else ""
        self.client = _client(settings)
        self._checked = float("-inf")

    def put(self, name: str, source: BinaryIO) -> None:
        """One object, in one request."""
        source.seek(0)
        with _told(name):
            self.client.put_object(Bucket=self.bucket, Key=self.prefix + name, Body=source)

    def open(self, name: str) -> BinaryIO:
        """The object; only what is read is fetched."""
        size = self.size(name)
        if size is None:
            raise FileNotFoundError(name)
        return cast(BinaryIO, io.BufferedReader(_Object(self, name, size), 64 * 1024))

    def fetch(self, name: str, start: int) -> Any:
        """The stream of an object's bytes from a place on."""
        with _told(name):
            answer = self.client.get_object(Bucket=self.bucket, Key=self.prefix + name, Range=f"bytes={start}-")
        return answer["Body"]

    def size(self, name: str) -> int | None:
        """Bytes of the object; None if there is none."""
        head = self._head(name)
        return int(head["ContentLength"]) if head else None

    def written(self, name: str) -> datetime | None:
        """When the object was last put."""
        head = self._head(name)
        return cast(datetime, head["LastModified"]) if head else None

    def _head(self, name: str) -> Any:
        try:
            with _told(name):
                return self.client.head_object(Bucket=self.bucket, Key=self.prefix + name)
        except FileNotFoundError:
            return None

    def names(self, prefix: str) -> Iterator[str]:
        """Keys below the prefix, a thousand to a request."""
        for page in self._pages(prefix):
            for one in page.get("Contents", ()):
                yield one["Key"][len(self.prefix) :]

    def folders(self, prefix: str) -> list[str]:
        """What stands between the prefix and the next slash."""
        found = (one["Prefix"] for page in self._pages(prefix, "/") for one in page.get("CommonPrefixes", ()))
        return [key[len(self.prefix + prefix) : -1] for key in found]

    def _pages(self, prefix: str, delimiter: str = "") -> Iterator[Any]:
        with _told(prefix):
            yield from self.client.get_paginator("list_objects_v2").paginate(
                Bucket=self.bucket, Prefix=self.prefix + prefix, Delimiter=delimiter
            )

    def remove(self, prefix: str) -> None:
        """Remove one key, or every key below a prefix. One by one: the request for many needs a checksum
        that not every store takes, and there are never many."""
        gone = list(self.names(prefix)) if prefix.endswith("/") else [prefix]
        for name in gone:
            with _told(name):
                self.client.delete_object(Bucket=self.bucket, Key=self.prefix + name)

    def check(self) -> None:
        """Write a small object, at most once in some seconds; StorageFault when that fails."""
        if time.monotonic() - self._checked < CHECKED_SECONDS:
            return
        self.put("ready", io.BytesIO(b"1"))
        self._checked = time.monotonic()


class _Object(io.RawIOBase):
    """An object as a file that may be read from any place."""

    def __init__(self, store: BucketStorage, name: str, size: int) -> None:
        self.store, self.object_name, self.length = store, name, size
        self.place = 0
        self.stream: Any = None

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self.place

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self.place, io.SEEK_END: self.length}[whence]
        if base + offset != self.place:
            self._let_go()
            self.place = max(0, base + offset)
        return self.place

    def readinto(self, buffer: Any) -> int:
        if self.place >= self.length:
            return 0
        if self.stream is None:
            self.stream = self.store.fetch(self.object_name, self.place)
        with _told(self.object_name):
            data = self.stream.read(len(buffer))
        buffer[: len(data)] = data
        self.place += len(data)
        return len(data)

    def close(self) -> None:
        self._let_go()
        super().close()

    def _let_go(self) -> None:
        if self.stream is not None:
            self.stream.close()
            self.stream = None
