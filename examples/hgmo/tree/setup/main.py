"""
Makes of a tree of Debian what the roles of version-control-tools make of Rocky Linux in Docker.

Usage: main.py hgssh|hgweb PORTS, with the ports as JSON by their name.
"""

import json
import os
import sys

import hgssh
import hgweb

# The modes of the roles are those of root's usual umask
os.umask(0o022)
what, ports = sys.argv[1:]
{"hgssh": hgssh, "hgweb": hgweb}[what].make(json.loads(ports))
