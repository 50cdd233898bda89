#!/bin/sh
# private-manager.sh DIRECTORY UID GID CALLER
#
# Becomes a `systemd --user` that knows nothing of the host's units, for services with one uid. Runs as
# root of namespaces of its own (mount, cgroup, ipc; for an ordinary user also user), in the session's
# cluster directory, where start-manager.sh has put what it needs. What it mounts, and why:
#   /run                 systemd wants /run/systemd/system and keeps its sockets here
#   DIRECTORY's parent   the services' uids may not pass the 0700 directories above the session (where
#                        root has others above it, the highest), and need not see other sessions:
#                        only this session's cluster/ is left there
#   /etc/passwd, group   the tree's: dbus-daemon refuses to run as a uid without an entry, systemd to set one
#   /sys/fs/cgroup       cgroup2, rooted at the session's control group
#   /dev/mqueue          the session's own POSIX message queues, as its System V IPC is (ipc_namespaces(7))
set -eu
umask 022
directory=$1 uid=$2 gid=$3 caller=$4
cluster=$directory/cluster
systemd=/usr/lib/systemd/systemd
[ -x "$systemd" ] || systemd=/lib/systemd/systemd

mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /run/systemd/system /run/systemd/unit-root /run/user
# A name for it with nothing that means more in unit files, search paths and D-Bus addresses
ln -s "$cluster" /run/cluster
chmod 1777 /run/user /run/systemd/unit-root
# copies: the way to the session's own may be closed to the services' uids
cp passwd group /run
mount --bind /run/passwd /etc/passwd
mount --bind /run/group /etc/group

may_enter() {
  case $caller in
  root) setpriv --reuid "$uid" --regid "$gid" --clear-groups test -x "$1/" ;;
  *) test -x "$1/" ;;
  esac
}
hidden=${directory%/*}
if ! may_enter "${hidden%/*}"; then
  # some directory further up is closed to the services' uids: the topmost such one is hidden
  above=$hidden
  while [ "$above" != "" ]; do
    above=${above%/*}
    may_enter "$above" || hidden=$above
  done
fi
mkdir -p "$hidden"
mount -t tmpfs -o mode=755 tmpfs "$hidden"
mkdir -p "$cluster"
# -c: the working directory is the hidden one; a path made absolute would lead to the new one
mount -c --rbind . "$cluster"
# a tmpfs first: mounting cgroup2 over cgroup2 from a user namespace is EBUSY
mount -t tmpfs tmpfs /sys/fs/cgroup
mount -t cgroup2 cgroup2 /sys/fs/cgroup
[ ! -d /dev/mqueue ] || mount -t mqueue mqueue /dev/mqueue
cd /

set -- env -i \
  PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 HOME=/run/cluster \
  XDG_RUNTIME_DIR=/run/user DBUS_SESSION_BUS_ADDRESS=unix:path=/run/cluster/bus \
  SYSTEMD_UNIT_PATH=/run/cluster/manager/user \
  SYSTEMD_GENERATOR_PATH=/run/cluster/manager/none SYSTEMD_ENVIRONMENT_GENERATOR_PATH=/run/cluster/manager/none \
  "$systemd" --user --unit=basic.target --log-target=console --log-level=notice
# The manager ends with whoever started it: nobody would end it otherwise
case $caller in
root) exec setpriv --reuid "$uid" --regid "$gid" --clear-groups --inh-caps=-all --pdeathsig KILL "$@" ;;
user) exec unshare --user --map-user="$uid" --map-group="$gid" setpriv --pdeathsig KILL "$@" ;;
esac
