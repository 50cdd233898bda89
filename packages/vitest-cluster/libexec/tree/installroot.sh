#!/bin/sh
# installroot.sh COMMAND…
#
# Runs COMMAND of the host, which installs packages into `root`. Mounts the file systems that the packages' scripts expect,
# and `dnf` of the build's directory as /run/dnf for the files of the installer. Runs in the build's directory, as root of
# its namespace. In the tree only empty directories remain of the mounts.
set -eu
mkdir -p dnf root/dev root/proc root/run root/sys
mount -c -t proc proc root/proc
mount -c -t tmpfs -o mode=755 tmpfs root/dev
for device in null zero full random urandom; do
  : >root/dev/$device
  mount -c --bind /dev/$device root/dev/$device
done
mount -c -t tmpfs -o mode=755 tmpfs root/run
mkdir root/run/dnf
mount -c --bind dnf root/run/dnf
exec "$@"
