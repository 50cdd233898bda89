#!/bin/sh
# boot.sh [INIT-ARGUMENT…]
#
# Becomes the tree's `systemd --system`. Runs in the session's cluster directory as root and first
# process of namespaces of its own (user with a range of uids, mount, pid, cgroup, ipc, uts). Mounts
# what https://systemd.io/CONTAINER_INTERFACE asks of a container manager:
#   root          bound on itself, with the host's paths that the tree shows (host-paths, one a line)
#   /dev          the harmless devices only, and a pty instance of its own
#   /run          the session's: the manager's sockets in it are seen from outside
#   /sys/fs/cgroup  cgroup2, rooted at the session's control group
set -eu
umask 022

# -c and -P: a path made absolute would lead through directories that are closed to the tree's uids
mount -c --rbind root root
while read -r path; do
  if [ -d "$path" ]; then mkdir -p "root$path"; elif [ ! -e "root$path" ]; then : >"root$path"; fi
  mount -c --rbind "$path" "root$path"
  # A mount whose flags the host has locked refuses; what is not the tree's is not its root's to write, either
  mount -c -o remount,bind,ro "root$path" 2>/dev/null || true
done <host-paths
mkdir -p root/var/log/vitest-cluster root/var/lib/vitest-cluster/output root/run/systemd
mount -c --bind log root/var/log/vitest-cluster
mount -c --bind output root/var/lib/vitest-cluster/output
cp -R manager/system root/run/systemd/system
cd -P root

mount -c -t proc proc proc
# read-only: then systemd leaves the hardware to the host (udev, modules)
mount -c --rbind /sys sys
mount -c -o remount,bind,ro sys 2>/dev/null || true
mount -c -t tmpfs tmpfs sys/fs/cgroup
mount -c -t cgroup2 cgroup2 sys/fs/cgroup
mount -c -t tmpfs -o mode=755 tmpfs dev
for device in null zero full random urandom tty; do
  : >dev/$device
  mount -c --bind /dev/$device dev/$device
done
mkdir dev/pts dev/shm
mount -c -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts dev/pts
mount -c -t tmpfs -o mode=1777 tmpfs dev/shm
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
ln -s fd/0 dev/stdin
ln -s fd/1 dev/stdout
ln -s fd/2 dev/stderr
: >dev/console
mount -c --bind /dev/null dev/console
mount -c --bind run run
hostname vitest-cluster

mount -c -n --move . /
systemd=/usr/lib/systemd/systemd
[ -x ".$systemd" ] || systemd=/lib/systemd/systemd
exec chroot . env -i container=vitest-cluster LANG=C.UTF-8 \
  PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
  "$systemd" --system --unit=vitest-cluster.target --log-target=console "$@"
