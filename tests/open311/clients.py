"""Talks to the endpoint with the published clients `georeport` and `three`, unchanged: python clients.py ENDPOINT KEY CODE."""
import itertools
import sys

# three 0.8.0 was written for Python 2 and imports a name that Python 3 has no more; the package itself stays as published.
itertools.ifilter = filter

from georeport import GeoReport
from three import Three

endpoint, key, published = sys.argv[1:4]
report = {"description": "Rác thải tồn đọng ba ngày ở đầu ngõ.", "address_string": "Đường Lý Thái Tổ, phường Võ Cường"}

for output in ("json", "xml"):
    geo = GeoReport(endpoint, api_key=key, output_format=output)
    services = geo.get_service_list()
    assert any(it["service_code"] == "rac-thai-chat-thai" for it in services), services
    definition = geo.get_service_definition("rac-thai-chat-thai")
    assert definition["service_code"] == "rac-thai-chat-thai", definition
    requests = geo.get_service_requests()
    assert requests, output
    one = geo.get_service_request(published)
    one = one[0] if isinstance(one, list) else one
    assert one["service_request_id"] == published and one["status"] == "closed", one

# georeport 0.3.1 has no call that files.
three = Three(endpoint, api_key=key)
assert any(it["service_code"] == "rac-thai-chat-thai" for it in three.services())
assert three.services("rac-thai-chat-thai")["attributes"][0]["code"] == "area"
assert three.discovery()["endpoints"][0]["formats"]
filed = three.post("rac-thai-chat-thai", address=report["address_string"], description=report["description"],
                   name="An Nguyễn", phone="0912345678")
assert filed[0]["service_request_id"], filed
assert three.request(published)[0]["service_request_id"] == published
assert any(it["service_request_id"] == published for it in three.requests())
print("both clients are content")
