"""What schemathesis cannot know from the document: real photos, real components, and rules that no schema can say."""

import json
import zlib
from pathlib import Path

import schemathesis
from hypothesis import strategies as st
from schemathesis.core.failures import AcceptedNegativeData
from schemathesis.openapi.checks import RejectedPositiveData

HERE = Path(__file__).parent

# Codes of valid requests that are refused for what they mean, not for how they are written.
MEANINGS = {
    "changes_gone",
    "idempotency_key_reused",
    "invalid_signature_header",
    "no_stored_url",
    "photo_damaged",
    "photo_empty",
    "photo_not_an_image",
    "plugin_refused",
    "same_face",
    "source_is_target",
}


def texts(name: str) -> list[str]:
    """The quoted strings of a list that `.ci/schemathesis` made."""
    return [line.strip('"') for line in (HERE / name).read_text().splitlines()]


PHOTOS = texts("photos.txt")
COMPONENTS = [Path(path).read_bytes() for path in texts("components.txt")]

# Photos that are sent.
FILES = [Path(path).read_bytes() for path in texts("photo-files.txt")]

schemathesis.openapi.media_type(
    "application/wasm", st.one_of(st.sampled_from(COMPONENTS), st.binary())
)
for sent in ("image/*", "application/octet-stream"):
    schemathesis.openapi.media_type(sent, st.one_of(st.sampled_from(FILES), st.binary()))


@schemathesis.hook
def before_call(context, case, kwargs) -> None:
    """Names a photo that is there in place of any other, which would be asked for all over the network."""
    body = case.body
    if isinstance(body, dict):
        photos = body.get("photos")
        for photo in [body, *(photos if isinstance(photos, list) else [])]:
            if isinstance(photo, dict) and "image_url" in photo:
                photo["image_url"] = there(photo["image_url"])
        if isinstance(body.get("image_urls"), list):
            body["image_urls"] = [there(url) for url in body["image_urls"]]


def there(url):
    """A photo that is there, for what is an address."""
    if isinstance(url, str) and url.lower().startswith(("http://", "https://")):
        return PHOTOS[zlib.crc32(url.encode("utf-8", "replace")) % len(PHOTOS)]
    return url


def unnamed(case) -> bool:
    """Whether a photo is sent as a body to be processed, and not as which, which a form and JSON say within."""
    return case.operation.path == "/api/process" and (
        case.media_type in ("image/*", "application/octet-stream") and "file_id" not in (case.query or {})
    )


def is_form(case) -> bool:
    """Whether a request is a form, in which everything is text, so that a number is as good as its digits."""
    return case.media_type == "multipart/form-data"


def half_a_place(case) -> bool:
    """Whether a request names one of two parameters that say together where a list goes on."""
    query = case.query or {}
    return ("after" in query) != ("after_key" in query)


@schemathesis.hook
def filter_failure(context, failure, case, response) -> bool:
    """Lets valid requests be refused for what they mean, and a batch say in a photo's own line what is wrong with it."""
    if isinstance(failure, RejectedPositiveData):
        problem = response.json()
        if isinstance(problem, dict) and problem.get("code") == "invalid_value" and half_a_place(case):
            return False
        if isinstance(problem, dict) and problem.get("code") == "malformed_request" and unnamed(case):
            return False
        return not isinstance(problem, dict) or problem.get("code") not in MEANINGS
    if isinstance(failure, AcceptedNegativeData) and response.headers.get("content-type") == ["application/x-ndjson"]:
        return not any("problem" in json.loads(line) for line in response.content.splitlines())
    return not (isinstance(failure, AcceptedNegativeData) and is_form(case))
