#!/bin/sh
# enter.sh UIDS BASE NETWORK WHERE LOWER COMMAND…
#
# Runs COMMAND while a tree is made, as root of a user namespace, in the build's directory. All that it starts
# ends with it, and it ends with whoever started it.
#   UIDS     many: with uids for all accounts of a tree; one: the caller's alone
#   BASE     - or a number, see ../manager/range.sh
#   NETWORK  yes: the host's; no: a loopback of its own
#   WHERE    host: a program of the host; tree: a program of the tree, for which that is /
#   LOWER    the tree that a layer is made on, relative to the directory; - for a base
set -eu
umask 022
uids=$1 base=$2 network=$3
shift 3
libexec=$(dirname "$0")
# A later step may run as a uid that cannot pass to these scripts
cp "$libexec"/*.sh "$libexec/../manager/range.sh" .
net=
[ "$network" = yes ] || net=--net
# shellcheck disable=SC2086
set -- setpriv --pdeathsig KILL unshare --mount --ipc --uts --pid $net --fork --kill-child \
  --propagation private sh inside.sh "$network" "$@"
case $uids-$base in
one-*) exec setpriv --pdeathsig KILL unshare --user --map-root-user -- "$@" ;;
many--) exec setpriv --pdeathsig KILL sh range.sh - "$@" ;;
esac

# Root's trees are other uids', who may not pass root's own directories. The topmost such one is hidden, and
# the cache alone is there
exec setpriv --pdeathsig KILL unshare --mount --propagation private sh -eu -c '
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
  exec sh range.sh "$base" "$@"
' sh "$base" "$@"
