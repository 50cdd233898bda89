#!/bin/sh
# remove-session.sh DIRECTORY [CGROUP]
#
# Ends what is left of a session and removes its directory: only one that belongs to the caller and
# carries the marker that keeper.sh wrote. The marker goes last, so that a removal that was
# interrupted can be taken up again.
set -u
directory=$1
# keeper.sh writes the marker while the directory is still called .new-ID
id=$(basename "$directory") id=${id#.new-}
libexec=$(dirname "$0")

# The keeper knows the group by itself: whoever removed the directory, such as a cleaner of /tmp, did not end it
case ${2-} in
*/vitest-cluster-"$id") sh "$libexec/end-cgroup.sh" "$2" ;;
esac
[ -d "$directory" ] && [ ! -L "$directory" ] && [ -O "$directory" ] || exit 0
[ "$(sed -n 1p "$directory/session" 2>/dev/null)" = 'vitest-cluster session 1' ] || exit 0
[ "$(sed -n 's/^id=//p' "$directory/session")" = "$id" ] || exit 0

cgroup=$(sed -n 's/^cgroup=//p' "$directory/session")
case $cgroup in
*/vitest-cluster-"$id") sh "$libexec/end-cgroup.sh" "$cgroup" ;;
*) systemctl --user stop "vitest_cluster_$id.slice" >/dev/null 2>&1 ;;
esac
remove_contents() {
  find "$directory" -mindepth 1 -maxdepth 1 ! -name session ! -name lock -exec rm -rf --one-file-system -- {} +
}
# Files of subordinate uids are their owner's to remove, inside the same mapping. Seen to be possible
# first: where it is refused, --map-auto leaves a child that waits for ever (util-linux 2.38)
remove_contents 2>/dev/null || ! unshare --user true 2>/dev/null ||
  unshare --user --map-auto --map-root-user -- \
    find "$directory" -mindepth 1 -maxdepth 1 ! -name session ! -name lock -exec rm -rf --one-file-system -- {} +
rm -rf --one-file-system -- "$directory"
