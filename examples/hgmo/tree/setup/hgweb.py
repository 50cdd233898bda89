"""The tree of the mirrors: test-hgweb.yml of the checkout."""

import os
import shutil
import subprocess

import accounts
import debian
import keys
import packages
from arguments import arguments
from patch import link, patch


def make(ports):
    red_hat_apache()
    debian.play("test-hgweb.yml", INSTEAD, {})
    debian.hgrc()
    debian.ssh_client(ports)
    debian.rsyslog()
    apache(ports)
    debian.kafka(ports)
    # The role leaves it as the package has it
    patch("/etc/ssh/sshd_config", ("#Port 22\n", f"Port {ports['ssh']}\n"))
    debian.sshd("/etc/ssh/sshd_config", ports)
    # As hgmo.py does it when the containers are up
    subprocess.check_call(
        [
            "/set-mirror-key.py",
            keys.text(keys.MIRROR),
            keys.text(f"{keys.MIRROR}.pub"),
            f"[hgssh]:{ports['ssh']}",
            keys.public(keys.SSH_RSA),
        ]
    )
    shutil.rmtree(keys.DIRECTORY)
    packages.compile_checkout()
    shutil.copy("tree/setup/entrypoint-hgweb", "/entrypoint")


# A session has one passwd(5) for the trees of all hosts, so hg is the same account as on hgssh. The role says 5507
HG = 500

INSTEAD = {
    "hg group exists": lambda given: accounts.group(**{**arguments(given), "gid": HG}),
    "create hg user": lambda given: accounts.user(**{**arguments(given), "uid": HG}),
    # Layers of their own
    "install uv": None,
    "create virtualenv for hgweb": None,
    "create virtualenv for replication": None,
    "create virtualenv for tools": None,
    "create virtualenv for Python 3 tools": None,
    "install mod_wsgi": None,
    **packages.into((("vcsreplicator", "replication"), ("vcsreplicator", "hgweb"), ("mozautomation", "tools"))),
}


def red_hat_apache():
    """Apache's account, directories and program as Red Hat has them, so that the role's httpd.conf is right."""
    subprocess.check_call(["groupadd", "--gid", "48", "apache"])
    subprocess.check_call(
        ["useradd", "--uid", "48", "--gid", "48", "--no-create-home", "--home-dir", "/usr/share/httpd", "apache"]
    )
    os.makedirs("/etc/httpd/conf")
    link("/etc/httpd/modules", "/usr/lib/apache2/modules")
    link("/etc/httpd/logs", "/var/log/httpd")
    link("/etc/httpd/run", "/run/httpd")
    link("/etc/httpd/conf/magic", "/etc/apache2/magic")
    link("/usr/share/httpd/icons", "/usr/share/apache2/icons")
    link("/var/www/error", "/usr/share/apache2/error")
    # Debian's program has other directories built in
    with open("/usr/sbin/httpd", "x", encoding="ascii") as file:
        file.write('#!/bin/sh\nexec /usr/sbin/apache2 -d /etc/httpd -f conf/httpd.conf "$@"\n')
    os.chmod("/usr/sbin/httpd", 0o755)


# Debian has them in the program, or (systemd) not at all: it only tells systemd about httpd's state
BUILT_IN = ("unixd", "log_config", "logio", "version", "systemd")


def apache(ports):
    patch(
        "/etc/httpd/conf/httpd.conf",
        *((f"LoadModule {name}_module modules/mod_{name}.so\n", "") for name in BUILT_IN),
        ("\nListen 80\n", f"\nListen localhost:{ports['http']}\n"),
        ("<VirtualHost *:80>", f"<VirtualHost *:{ports['http']}>"),
    )
