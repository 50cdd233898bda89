#!/bin/sh
# private-manager.sh DIRECTORY UID GID CALLER
#
# Becomes a `systemd --user` without the host's units, for services with one uid. Runs as root of its
# own namespaces (mount, cgroup, ipc; for an ordinary user also user), in the session's cluster
# directory, into which start-manager.sh has copied its files. What it mounts, and why:
#   /run                 systemd needs /run/systemd/system and has its sockets here
#   DIRECTORY's parent   the services' uids may not enter the 0700 directories above the session (nor, for
#                        root, other directories above: then the topmost one is replaced), and need not see
#                        other sessions: only this session's cluster/ is mounted in it
#   /etc/passwd, group   the tree's: without an entry for the uid dbus-daemon does not run, and systemd does
#                        not set the uid
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
# A path without characters that are special in unit files, search paths and D-Bus addresses
ln -s "$cluster" /run/cluster
chmod 1777 /run/user /run/systemd/unit-root
# copies, because the services' uids may not enter the directory of the session's own files
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
  # the services' uids may not enter a directory further up: hide the topmost such directory
  above=$hidden
  while [ "$above" != "" ]; do
    above=${above%/*}
    may_enter "$above" || hidden=$above
  done
fi
mkdir -p "$hidden"
mount -t tmpfs -o mode=755 tmpfs "$hidden"
mkdir -p "$cluster"
# -c: the working directory is below the hidden directory; an absolute path would lead into the tmpfs
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
# No other process would end the manager when its parent ends
case $caller in
root) exec setpriv --reuid "$uid" --regid "$gid" --clear-groups --inh-caps=-all --pdeathsig KILL "$@" ;;
user) exec unshare --user --map-user="$uid" --map-group="$gid" setpriv --pdeathsig KILL "$@" ;;
esac
