"""
Lets the servers of S3 and SNS on hgssh do what the checkout's tests expect of them. With the packages that the checkout
locks they cannot: its list of flaky tests says that test-sns-notifier.t hangs.
"""

import sys

sys.path.insert(0, "tree/setup")
from patch import patch  # noqa: E402

# Werkzeug, since 2.2, matches one part of a path at a time unless the converter says otherwise. moto 1.0.0 is older: it
# answers 404 to each object with a `/` in its name
CONVERTER = "class RegexConverter(BaseConverter):\n"
patch(
    "/var/hg/venv_testing/lib/python3.9/site-packages/moto/server.py",
    (CONVERTER, CONVERTER + "    part_isolating = False\n"),
)

# Python 3's json has no bytes: the subscriber ends each request with an exception
patch(
    "/sns-subscription-server",
    ("parse_qs(body)", "parse_qs(body.decode('utf-8'))"),
    ("self.path.encode('utf-8')", "self.path"),
)
