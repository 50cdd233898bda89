#!/bin/sh
# confined.sh DIRECTORY COMMAND…
#
# Runs COMMAND of the host, with DIRECTORY as its working directory, where nothing else can be written and nothing
# of the host is there but programs and their libraries: whatever an archive makes tar(1) do ends here. Runs in the
# build's directory, as root of its namespace.
set -eu
directory=$1
shift
mkdir -p confined "$directory"
mount -c -t tmpfs -o mode=755 tmpfs confined
mkdir confined/usr confined/here
show() {
  mount -c --bind "/$1" "confined/$1"
  # A mount keeps the restrictions it has on the host: the kernel lets nobody drop them here
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
