#!/bin/sh
# range.sh BASE COMMAND…
#
# Becomes COMMAND as root of a user namespace with many uids (user_namespaces(7)).
#   BASE  -: uid 0 is the caller, those from 1 on are his subordinate ones (subuid(5), newuidmap(1)).
#         A number, for root: 65536 uids from there, which no account has.
set -eu
base=$1
shift
# Where it is refused --map-auto would leave a child that waits for ever (util-linux 2.38), and so would the FIFOs below
unshare --user true
if [ "$base" = - ]; then
  exec unshare --user --map-auto --map-root-user -- "$@"
fi

# newuidmap(1) gives root only what /etc/subuid grants to root, but root may as well write the map
# himself: into a namespace that a process makes, and that a descriptor keeps until it is entered.
fifos=$(mktemp -d)
mkfifo "$fifos/unshared" "$fifos/mapped"
# Both ways at first, which waits for nobody: where the namespace is refused (in a chroot for one), the other end
# would never be opened
exec 3<>"$fifos/unshared" 4<>"$fifos/mapped" 5<"$fifos/unshared" 6<"$fifos/mapped"
rm -r "$fifos"
# shellcheck disable=SC2016
unshare --user -- setpriv --pdeathsig KILL sh -c '
  # It ends with this script, or has missed its end
  [ "$PPID" = "$0" ] || exit
  exec 4>&-; echo >&3; exec 3>&-; read -r _ <&6' "$$" &
exec 3>&- 6<&-
# End of file: unshare(1) has said why
read -r _ <&5 || { wait $! || exit; exit 1; }
exec 5<&- 7<"/proc/$!/ns/user"
echo "0 $base 65536" >"/proc/$!/uid_map"
echo "0 $base 65536" >"/proc/$!/gid_map"
exec 4>&-
# Whatever this becomes would not know that it has a child
wait $! || true
# shellcheck disable=SC2016
exec nsenter --user=/proc/self/fd/7 --setuid 0 --setgid 0 -- sh -c 'exec 7<&- && exec "$@"' sh "$@"
