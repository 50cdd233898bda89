# Mercurial's harness reads this file beside a test. Docker publishes the ports of all containers on one address, which
# the .t files call $DOCKER_HOSTNAME, and the harness replaces; here each host has an address of its own.
import os
import re

substitutions = [
    (rb"(?<![0-9.])%s(?![0-9])" % re.escape(address.encode()), b"$DOCKER_HOSTNAME")
    for address in os.environ.get("HGMO_ADDRESSES", "").split()
]
