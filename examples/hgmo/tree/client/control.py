"""Asks the process that holds the cluster, which answers on a loopback port, for what `hgmo` does with Docker."""

import json
import os
import socket
import struct
import sys

STDOUT, STDERR, END = 1, 2, 3


class ControlError(Exception):
    """The cluster cannot be asked, or did not do what it was asked for."""


def ask(request, data=b"", out=None, err=None):
    """Sends a request and its input, passes on the output as it comes, and returns the last answer."""
    address = os.environ.get("HGMO_CONTROL")
    if not address:
        raise ControlError("HGMO_CONTROL is not set: run-tests sets it")
    host, port = address.rsplit(":", 1)
    header = dict(request, token=os.environ.get("HGMO_TOKEN", ""), input=len(data))
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(json.dumps(header).encode() + b"\n" + data)
        stream = connection.makefile("rb")
        while True:
            head = stream.read(5)
            if len(head) < 5:
                raise ControlError("the cluster closed the connection")
            kind, length = struct.unpack(">BI", head)
            payload = stream.read(length)
            if kind == END:
                answer = json.loads(payload.decode())
                if "error" in answer:
                    raise ControlError(answer["error"])
                return answer
            target = (err if kind == STDERR else out) or sys.stdout.buffer
            target.write(payload)
            target.flush()


def is_one_file():
    """Whether standard output and standard error are one file: then their order is visible."""
    out, err = os.fstat(1), os.fstat(2)
    return (out.st_dev, out.st_ino) == (err.st_dev, err.st_ino)


def execute(host, argv, detach=False, merged=None):
    """Runs a program as root, as `docker exec` does. Returns its exit code."""
    request = {
        "command": "exec",
        "host": host,
        "argv": argv,
        "detach": detach,
        "merged": is_one_file() if merged is None else merged,
    }
    return ask(request, err=sys.stderr.buffer)["exitCode"]


def state():
    """The values of vcttesting.hgmo.HgCluster.get_state()."""
    return ask({"command": "state"})["state"]


def read(host, path):
    """The content of a file of a host."""
    return ask_all({"command": "exec", "host": host, "argv": ["cat", "--", path]})


def write(host, path, data, mode):
    """Writes a file of a host, as root, as `docker cp` does."""
    install = ["install", "-m", "%o" % mode, "/dev/stdin", path]
    ask_all({"command": "exec", "host": host, "argv": install}, data)


def ask_all(request, data=b""):
    """The output of a program that succeeds."""
    import io

    out, err = io.BytesIO(), io.BytesIO()
    answer = ask(request, data, out, err)
    if answer["exitCode"] != 0:
        raise ControlError(err.getvalue().decode(errors="replace").strip())
    return out.getvalue()
