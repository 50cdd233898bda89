#!/bin/sh
# remove-session.sh DIRECTORY [CGROUP [TRIES]]
#
# Ends what is left of a session and removes its directory: only one that belongs to the caller and
# carries the marker that keeper.sh wrote. The marker goes last, so that a removal that was
# interrupted can be taken up again. Where there is no process to be had it tries again, 200 times by default.
set -u
directory=$1 given=${2-} most=${3-200}
# keeper.sh writes the marker while the directory is still called .new-ID
id=${directory##*/} id=${id#.new-}
libexec=${0%/*}
. "$libexec/kill-cgroup.sh"

# Sets `cgroup` to that of the marker. Fails for what is no session of the caller's
is_session() {
  [ -d "$directory" ] && [ ! -L "$directory" ] && [ -O "$directory" ] || return
  { read -r first && read -r second && read -r third; } 2>/dev/null <"$directory/session" || return
  [ "$first" = 'vitest-cluster session 1' ] && [ "$second" = "id=$id" ] && cgroup=${third#cgroup=}
}

kill_own() {
  case $1 in */vitest-cluster-"$id") kill_cgroup "$1" ;; esac
}

remove() {
  case $given in */vitest-cluster-"$id") sh "$libexec/end-cgroup.sh" "$given" ;; esac
  is_session || return
  case $cgroup in
  */vitest-cluster-"$id") [ "$cgroup" = "$given" ] || sh "$libexec/end-cgroup.sh" "$cgroup" ;;
  # A manager that does not answer keeps nobody waiting: what ran in the slice is killed already
  *) timeout 5 systemctl --user stop "vitest_cluster_$id.slice" >/dev/null 2>&1 ;;
  esac
  # Files of subordinate uids are their owner's to remove, inside the same mapping. Seen to be possible
  # first: where it is refused, --map-auto leaves a child that waits for ever (util-linux 2.38)
  remove_contents 2>/dev/null || ! unshare --user true 2>/dev/null ||
    unshare --user --map-auto --map-root-user -- \
      find "$directory" -mindepth 1 -maxdepth 1 ! -name session ! -name lock -exec rm -rf --one-file-system -- {} +
  rm -rf --one-file-system -- "$directory"
}

remove_contents() {
  find "$directory" -mindepth 1 -maxdepth 1 ! -name session ! -name lock -exec rm -rf --one-file-system -- {} +
}

# The keeper knows the group by itself: whoever removed the directory, such as a cleaner of /tmp, did not end it
kill_own "$given"
! is_session || kill_own "$cgroup"
tries=0
while [ $tries -lt "$most" ]; do
  try remove
  # Nothing is left, or nothing that is ours
  [ -d "$given" ] || is_session || exit 0
  tries=$((tries + 1))
  pause
done
exit 1
