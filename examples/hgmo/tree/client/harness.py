"""
Runs the checkout's copy of Mercurial's run-tests.py, with the two things that it asks Docker or 127.0.0.1 for:
`#require hgmodocker` holds if a cluster answers, and the loopback is the address of this host's own `localhost`.
"""

import importlib.util
import os
import socket
import sys

import control

HARNESS = os.path.join(os.getcwd(), "pylib/mercurial-support/run-tests.py")
CLUSTER = b"hgmodocker"


def load(path):
    spec = importlib.util.spec_from_file_location("run_tests", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules["run_tests"] = module
    # run-tests.py imports its neighbours by name
    sys.path.insert(0, os.path.dirname(path))
    spec.loader.exec_module(module)
    return module


run_tests = load(HARNESS)
checked = run_tests.TTest._hghave


def has_cluster():
    try:
        return bool(control.state())
    except (control.ControlError, OSError) as error:
        print("hgmodocker: %s" % error, file=sys.stderr)
        return False


def hghave(test, requirements):
    """The checkout's hghave.py asks for Docker and its images; here `hgmo` has another cluster."""
    others = [each for each in requirements if each != CLUSTER]
    if len(others) < len(requirements) and not has_cluster():
        return False, b"skipped: missing feature: a cluster for hgmo\n"
    return checked(test, others) if others else (True, None)


run_tests.TTest._hghave = hghave
# $HGPORT is the port of the cluster's sshd, and no port for servers of this host, which would have to be free here
run_tests.TestRunner._getport = lambda runner, count: runner.options.port
run_tests.Test._localip = lambda test: socket.gethostbyname("localhost").encode()
# And no other name: hosts(5) here has the names of all services
run_tests.Test._localhostnames = lambda test: [b"localhost"]

if __name__ == "__main__":
    # The harness finds its own files by the name of its program
    sys.argv[0] = HARNESS
    sys.exit(run_tests.TestRunner().run(sys.argv[1:]))
