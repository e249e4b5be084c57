"""What schemathesis does not know by itself.

A piece of an upload (tus) is sent as plain bytes. A header that the description does not name is no violation of it: whoever
receives one that they do not know leaves it alone (RFC 9110, 5.1).
"""

import schemathesis

schemathesis.serializer.alias("application/offset+octet-stream", "application/octet-stream")


@schemathesis.hook
def filter_case(context, case):
    return not any(name.lower().startswith("x-schemathesis-") for name in case.headers or {})
