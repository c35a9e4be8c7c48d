"""An S3-compatible store of this process, for servers and workers that are processes of their own."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import ModuleType

import boto3
from servers import free_port

BUCKET = "films"


@contextmanager
def bucket() -> Iterator[Mapping[str, str]]:
    """Settings of a house whose files lie in a bucket of a store that stands while the block lasts."""
    # moto's server wants a package only to let other web sites in; ours is asked by processes.
    if "flask_cors" not in sys.modules:
        stand_in = ModuleType("flask_cors")
        stand_in.CORS = lambda *_given, **_options: None  # type: ignore[attr-defined]
        sys.modules["flask_cors"] = stand_in
    from moto.server import ThreadedMotoServer  # noqa: PLC0415 - only after the stand-in

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=free_port(), verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        address = f"http://{host}:{port}"
        boto3.client(
            "s3", endpoint_url=address, region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="y"
        ).create_bucket(Bucket=BUCKET)
        yield {
            "XINGLIN_STORAGE": f"s3://{BUCKET}/house",
            "XINGLIN_STORAGE_ENDPOINT": address,
            "XINGLIN_STORAGE_REGION": "us-east-1",
            "XINGLIN_STORAGE_KEY_ID": "x",
            "XINGLIN_STORAGE_SECRET": "y",
            "XINGLIN_STORAGE_PATH_STYLE": "1",
        }
    finally:
        server.stop()
