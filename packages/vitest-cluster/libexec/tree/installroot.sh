#!/bin/sh
# installroot.sh COMMAND…
#
# Runs COMMAND of the host, which installs packages into `root`: with what their scripts expect mounted there, and with
# what the installer itself keeps as /run/dnf, which is `dnf` of the build's directory. Runs there, as root of its
# namespace. Nothing of it stays in the tree but empty directories.
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
