#!/bin/sh
# confined.sh DIRECTORY COMMAND…
#
# Runs COMMAND of the host in DIRECTORY, the only directory that it can write. Of the host it sees only programs and
# their libraries, so that a malicious archive cannot make tar(1) do harm. Runs in the build's directory, as root of its
# namespace.
set -eu
directory=$1
shift
mkdir -p confined "$directory"
mount -c -t tmpfs -o mode=755 tmpfs confined
mkdir confined/usr confined/here
show() {
  mount -c --bind "/$1" "confined/$1"
  # Repeat the flags of the host's mount: the kernel does not allow to drop them in a namespace
  flags=$(findmnt --noheadings --output VFS-OPTIONS --target "/$1" | tail -n 1 | sed 's/^rw/ro/')
  mount -c -o "remount,bind,$flags" "confined/$1"
}
show usr
for name in bin lib lib32 lib64 libx32; do
  if [ -L "/$name" ]; then
    ln -s "$(readlink "/$name")" "confined/$name"
  elif [ -d "/$name" ]; then
    mkdir "confined/$name"
    show "$name"
  fi
done
mount -c --bind "$directory" confined/here
mount -c -o remount,bind,ro confined
# shellcheck disable=SC2016
exec chroot confined sh -c 'cd /here && exec "$@"' sh "$@"
