#!/bin/sh
# inside.sh NETWORK LOWER COMMAND…
#
# The inner half of enter.sh, in the build's directory. Mounts, for a layer:
#   root       LOWER, with the files that the layer writes in upper/ (overlayfs)
#   root/proc, sys, dev, run, tmp    the file systems that programs expect; their files are not kept
# For a base it mounts nothing: COMMAND creates the directory root.
set -eu
umask 022
network=$1 lower=$2
shift 2

# overlay LOWER UPPER WORK DIRECTORY
overlay() {
  mount -c -t overlay -o "lowerdir=$1,upperdir=$2,workdir=$3,userxattr" overlay "$4" ||
    cannot 'be mounted'
}
# src/tree/build/failure.ts parses this line
cannot() {
  echo "overlayfs cannot $1 here" >&2
  exit 1
}

mount -t proc proc /proc
[ "$network" = yes ] || ip link set lo up 2>/dev/null || true
if [ "$lower" != - ]; then
  if [ ! -d upper ]; then
    mkdir upper work root
    # overlayfs accepts a file system without user xattrs, but then fails when a directory is replaced, which it
    # marks by an xattr (overlayfs, "whiteouts and opaque directories")
    mkdir -p probe/lower/replaced probe/upper probe/work probe/root
    overlay probe/lower probe/upper probe/work probe/root
    if ! rmdir probe/root/replaced || ! mkdir probe/root/replaced; then
      cannot 'replace a directory'
    fi
    umount -c probe/root
    rm -r probe
  fi
  overlay "$lower" upper work root
  mkdir -p root/proc root/sys root/dev root/run root/tmp root/etc
  mount -c -t proc proc root/proc
  mount -c --rbind /sys root/sys
  mount -c -t tmpfs -o mode=755 tmpfs root/dev
  for device in null zero full random urandom tty; do
    : >root/dev/$device
    mount -c --bind /dev/$device root/dev/$device
  done
  mkdir root/dev/pts root/dev/shm
  mount -c -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts root/dev/pts
  mount -c -t tmpfs -o mode=1777 tmpfs root/dev/shm
  ln -s pts/ptmx root/dev/ptmx
  ln -s /proc/self/fd root/dev/fd
  ln -s fd/0 root/dev/stdin
  ln -s fd/1 root/dev/stdout
  ln -s fd/2 root/dev/stderr
  mount -c -t tmpfs -o mode=755 tmpfs root/run
  mount -c -t tmpfs -o mode=1777 tmpfs root/tmp
  mkdir root/run/lock
  if [ -d inputs ]; then
    mkdir root/run/inputs
    mount -c --bind inputs root/run/inputs
  fi
  # src/tree/build/certificates.ts names this file
  [ "$network" = no ] || [ ! -e certificates.crt ] || cp certificates.crt root/run
  if [ "$network" = yes ] && [ -e /etc/resolv.conf ]; then
    # systemd-resolved's link into /run would lead to the host's
    if [ -L root/etc/resolv.conf ]; then
      target=$(readlink root/etc/resolv.conf)
      case $target in
      /run/* | ../run/*)
        mkdir -p "root/run/${target#*run/}"
        rmdir "root/run/${target#*run/}"
        cp /etc/resolv.conf "root/run/${target#*run/}"
        ;;
      esac
    else
      [ -e root/etc/resolv.conf ] || : >root/etc/resolv.conf
      cp /etc/resolv.conf root/run/resolv.conf
      mount -c --bind root/run/resolv.conf root/etc/resolv.conf
    fi
  fi
fi
exec "$@"
