#!/bin/sh
# boot.sh
#
# Becomes the systemd of the tree at `root`, in the build's directory, as the first process of namespaces of its own:
# mount, ipc, uts, pid, cgroup. Mounts what https://systemd.io/CONTAINER_INTERFACE asks for and the build lacks.
set -eu
# The process number in the build's namespace, to which this /proc still belongs
read -r pid _ </proc/self/stat
echo "$pid" >pid

mount -c -t proc proc root/proc
# read-only: then systemd leaves the hardware to the host. The flags of the host's mount have to be repeated
flags=$(findmnt --noheadings --output VFS-OPTIONS --target /sys | tail -n 1 | sed 's/^rw/ro/')
mount -c -o "remount,bind,$flags" root/sys
# a tmpfs first: mounting cgroup2 over cgroup2 from a user namespace is EBUSY
mount -c -t tmpfs tmpfs root/sys/fs/cgroup
mount -c -t cgroup2 cgroup2 root/sys/fs/cgroup
# The build's id, not one of the tree, which all machines of the tree would share
[ -L root/etc/machine-id ] || mount -c --bind root/run/vitest-cluster/machine-id root/etc/machine-id

cd -P root
mount -c -n --move . /
systemd=/usr/lib/systemd/systemd
[ -x ".$systemd" ] || systemd=/lib/systemd/systemd
exec chroot . env -i LANG=C.UTF-8 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
  container=vitest-cluster "$systemd" --system --unit=vitest-cluster.target
