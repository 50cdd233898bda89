"""
Keys that both hgssh and the mirrors have: made once, when the trees are built, as for Docker's images. They are no
secrets of a session, and RSA keys of 4096 bits take seconds.
"""

import os
import subprocess

DIRECTORY = "/usr/local/lib/hgmo/keys"
MIRROR = f"{DIRECTORY}/mirror"
SSH_RSA = f"{DIRECTORY}/ssh_host_rsa_key"
SSH_ED25519 = f"{DIRECTORY}/ssh_host_ed25519_key"


def make():
    os.makedirs(DIRECTORY, mode=0o700)
    # As the roles hg-ssh and hg-ssh-server do it
    for path, words in (
        (MIRROR, ["-t", "rsa", "-b", "4096"]),
        (SSH_RSA, ["-t", "rsa", "-b", "4096"]),
        (SSH_ED25519, ["-t", "ed25519"]),
    ):
        subprocess.check_call(["/usr/bin/ssh-keygen", "-q", *words, "-N", "", "-f", path])
    # The mirrors' sshd
    subprocess.check_call(["/usr/bin/ssh-keygen", "-A"])


def text(path):
    with open(path, encoding="ascii") as file:
        return file.read()


def public(path):
    """Returns the type and the key, without its comment."""
    return " ".join(text(f"{path}.pub").split()[:2])


if __name__ == "__main__":
    make()
