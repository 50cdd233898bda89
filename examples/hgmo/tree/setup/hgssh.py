"""The tree of hgssh: test-hgmaster.yml of the checkout."""

import os
import shutil

import debian
import keys
import packages
from patch import patch


def make(ports):
    place_keys()
    ldap = f"ldap://ldap:{ports['ldap']}/"
    debian.play("test-hgmaster.yml", INSTEAD, {
        "ldap_uri": ("ldap://ldap:389/", ldap),
        "sshd_hg_port": (22, ports["ssh"]),
    })
    debian.hgrc()
    debian.ssh_client(ports)
    debian.rsyslog()
    debian.kafka(ports)
    debian.sshd("/etc/mercurial/ssh/sshd_config", ports)
    # The group of nslcd
    patch("/etc/nslcd.conf", ("\ngid ldap\n", "\ngid nslcd\n"))
    patch(
        "/etc/mercurial/ldap.json",
        *((f'"{name}": "ldap://ldap:389/"', f'"{name}": "{ldap}"') for name in ("url", "write_url")),
    )
    patch("/set-ldap-property", ("real = 'ldap://ldap:389/'", f"real = '{ldap}'"))
    patch("/sns-subscription-server", ("HTTPServer(('', ", "HTTPServer(('localhost', "))
    packages.compile_checkout()
    shutil.copy("tree/setup/entrypoint-hgssh", "/entrypoint")


INSTEAD = {
    # nsswitch.conf is the session's own
    "create authselect nslcd profile": None,
    "create nsswitch.conf template": None,
    "run authselect": None,
    # Layers of their own
    "create virtualenv for pash": None,
    "create virtualenv for tools": None,
    "create virtualenv for bundle generation": None,
    "virtualenv to run test-specific processes": None,
    **packages.into((("vcsreplicator", "tools"), ("vcsreplicator", "bundles"), ("hgmolib", "bundles"))),
}


def place_keys():
    """The roles make no keys where they find some."""
    os.makedirs("/etc/mercurial/ssh")
    for key in (keys.MIRROR, keys.SSH_RSA, keys.SSH_ED25519):
        directory = "/etc/mercurial" if key == keys.MIRROR else "/etc/mercurial/ssh"
        for path in (key, f"{key}.pub"):
            shutil.copy(path, directory)
    shutil.rmtree(keys.DIRECTORY)
