"""What is the same on hgssh and on the mirrors: the playbook, and what Debian has elsewhere than Rocky Linux."""

import os
import shutil

from patch import link, patch
from play import Play
from roles import roles

VCT = "/var/hg/version-control-tools"
ANSIBLE = "/vct/ansible"
SOCKET = "/run/systemd/journal/dev-log"

# What Ansible finds on a container of Rocky Linux 9
FACTS = {
    "ansible_distribution_major_version": "9",
    "ansible_hostname": "localhost",
    # In the footer of pages. The time of the build would make each tree another one
    "ansible_date_time": {"iso8601": "1970-01-01T00:00:00Z"},
    "hostvars": {},
    "inventory_hostname": "localhost",
}

INSTEAD = {
    # /vct is a link to it
    "rsync version-control-tools repo (Docker only)": None,
    # GitHub, where it is, was not reachable. It is the one part of the cluster that is missing; see hgrc()
    "install cinnabarclone": None,
    # A layer has the jars, and these links
    "create Kafka symlink": None,
    "create ZooKeeper symlink": None,
}


def play(playbook, instead, parameters):
    """Runs a playbook of the checkout, except for some tasks, with other values of some parameters."""
    link("/vct", VCT)
    # Debian's OpenLDAP has its files in /etc/ldap
    os.makedirs("/etc/ldap", exist_ok=True)
    link("/etc/openldap", "ldap")
    parameters = {
        # It would listen on the addresses of other hosts, too
        "zk_listen_on_all_ips": (True, False),
        **parameters,
    }
    runner = Play(ANSIBLE, {**INSTEAD, **instead})
    runner.run(roles(ANSIBLE, playbook, FACTS, parameters))


def hgrc():
    cinnabarclone = "cinnabarclone = /var/lib/git-cinnabar/mercurial/cinnabarclone.py\n"
    patch("/etc/mercurial/hgrc", (cinnabarclone, ""))


def ssh_client(ports):
    """The role's ssh_config is for root only. With another port all accounts have to read it."""
    patch(
        "/etc/ssh/ssh_config",
        (
            "Host *\n",
            f"Host hgssh hgweb* 127.*\n  Port {ports['ssh']}\n\nHost *\n"
            # As with the OpenSSH of Rocky Linux, which is newer. The default was yes, with a warning for each new address
            "  CheckHostIP no\n",
        ),
    )
    os.chmod("/etc/ssh/ssh_config", 0o644)


def sshd(path, ports):
    """Docker's sshd has all addresses of its container."""
    patch(path, (f"Port {ports['ssh']}\n", f"Port {ports['ssh']}\nAddressFamily inet\nListenAddress localhost\n"))


def rsyslog():
    patch(
        "/etc/rsyslog.conf",
        # A container has no kernel log
        ('module(load="imklog")', '#module(load="imklog")'),
        # Hosts share /dev: its log leads there, see services/rsyslog.ts
        ('module(load="imuxsock")', f'module(load="imuxsock" SysSock.Name="{SOCKET}")'),
    )


def kafka(ports):
    """The brokers listen on their host only, whose address is that of localhost."""
    port = f"clientPort = {ports['zookeeper']}\n"
    patch("/etc/zookeeper/zoo.cfg", (port, f"{port}clientPortAddress = localhost\n"))
    patch("/etc/kafka/server.properties", ("\nlog.dirs=", "\nhost.name=localhost\nlog.dirs="))
    # Without it one start of ZooKeeper in 35 failed
    os.makedirs("/var/lib/zookeeper/version-2")
    shutil.chown("/var/lib/zookeeper/version-2", "zookeeper", "zookeeper")
