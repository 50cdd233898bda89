#!/bin/sh
# run.sh ANSIBLE-PLAYBOOK ARGUMENT…
#
# Runs ansible-playbook(1) on the tree at `root`, in the build's directory, as root of its namespace. Stays the first
# process of the namespace: Ansible reads its name to detect the service manager.
set -eu
chroot root /bin/sh -eu <ansible/offline.sh
chroot root /bin/sh -eu <ansible/before.sh
status=0
"$@" || status=$?
after=after
[ "$status" = 0 ] || after=python
chroot root /bin/sh -eu <ansible/$after.sh
exit "$status"
