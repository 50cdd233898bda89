#!/bin/sh
# enter.sh PARENT UIDS BASE NETWORK LOWER COMMAND…
#
# Runs COMMAND while a tree is built, as root of a user namespace, in the build's directory. All that it starts
# ends with it, and it ends with whoever started it.
#   PARENT   the process that started this, by `setpriv --pdeathsig KILL`
#   UIDS     many: with uids for all accounts of a tree; one: the caller's alone
#   BASE     - or a number, see ../manager/range.sh
#   NETWORK  yes: the host's; no: a loopback of its own
#   LOWER    the tree that a layer is made on, relative to the directory; - for a base
set -eu
umask 022
# chroot(8) and others are not in everybody's
PATH=$PATH:/usr/sbin:/sbin
parent=$1 uids=$2 base=$3 network=$4
shift 4
# Its death came before anybody could be told of it
[ "$PPID" = "$parent" ] || exit 1
libexec=$(dirname "$0")
# A later step may run as a uid that cannot pass to these scripts
cp "$libexec"/*.sh "$libexec"/*.pl "$libexec/../manager/range.sh" .
net=
[ "$network" = yes ] || net=--net
# shellcheck disable=SC2086
# Who becomes root of a user namespace is told of no death any more (proc(2), PR_SET_PDEATHSIG): said once more
set -- setpriv --pdeathsig KILL sh -c '[ "$PPID" = "$0" ] && exec "$@"' "$parent" unshare --mount --ipc --uts --pid $net --fork --kill-child \
  --propagation private sh inside.sh "$network" "$@"
case $uids-$base in
one-*) exec unshare --user --map-root-user -- "$@" ;;
many--) exec sh range.sh - "$@" ;;
esac

# Root's trees are other uids', who may not pass root's own directories. The topmost such one is hidden, and
# the cache alone is there
exec unshare --mount --propagation private sh -eu -c '
  base=$1
  shift
  here=$(pwd -P)
  trees=${here%/*/*}
  above=$trees hidden=
  while above=${above%/*} && [ "$above" != "" ]; do
    setpriv --reuid "$base" --regid "$base" --clear-groups test -x "$above/" || hidden=$above
  done
  if [ "$hidden" != "" ]; then
    cd ../..
    mount -t tmpfs -o mode=755 tmpfs "$hidden"
    mkdir -p "$trees"
    # -c: the working directory is the hidden one; a path made absolute would lead to the new one
    mount -c --bind . "$trees"
    cd "$here"
  fi
  # What it makes for a moment goes with the directory, should it be killed
  TMPDIR=. exec sh range.sh "$base" "$@"
' sh "$base" "$@"
