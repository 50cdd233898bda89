#!/bin/sh
# nspawn.sh CLUSTER BASE
#
# Boots the tree by systemd-nspawn(1), as root, with 65536 uids from BASE. Runs in CLUSTER, the session's
# cluster directory, in namespaces of its own: mount, for nspawn's files in /run; cgroup, because nspawn
# uses the root of the hierarchy that it sees; pid, so that all processes end with the first one.
set -eu
cluster=$1 base=$2

mount -t proc proc /proc
mount -t tmpfs -o mode=755 tmpfs /run
mount -t tmpfs tmpfs /sys/fs/cgroup
mount -t cgroup2 cgroup2 /sys/fs/cgroup

escape() { printf %s "$1" | sed 's/[\\:]/\\&/g'; }
own=$(escape "$cluster")
# nspawn mounts a new /run
set -- --bind-ro="$own/manager/vitest-cluster-libexec:/run/vitest-cluster-libexec" \
  --setenv=SYSTEMD_UNIT_PATH=/run/vitest-cluster-libexec/system:
while IFS= read -r how && IFS= read -r source && IFS= read -r target; do
  option=--bind-ro
  [ "$how" = ro ] || option=--bind
  set -- "$@" "$option=$(escape "$source"):$(escape "$target")"
done <mounts
# Otherwise nspawn does not find the systemd of a tree whose /usr is mounted by --bind-ro, assumes one without cgroup2,
# and creates groups in cgroup v1, which nothing removes (systemd-nspawn.c, detect_unified_cgroup_hierarchy_from_image)
export SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1
# As a program with arguments, not by --boot: nspawn of systemd 262 passes no arguments to the init that it finds
systemd=/usr/lib/systemd/systemd
[ -x "root$systemd" ] || systemd=/lib/systemd/systemd
exec systemd-nspawn --quiet --directory="$cluster/root" --machine=vitest-cluster --settings=no \
  --register=no --keep-unit --private-users="$base:65536" --private-users-ownership=off \
  --link-journal=no --resolv-conf=off --timezone=off --console=read-only "$@" \
  -- "$systemd" --unit=vitest-cluster.target --log-target=console
