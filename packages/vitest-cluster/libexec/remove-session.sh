#!/bin/sh
# remove-session.sh DIRECTORY [CGROUP [LACKS]]
#
# Ends what is left of a session and removes its directory: only one that belongs to the caller and
# carries the marker that keeper.sh wrote. The marker goes last, so that a removal that was
# interrupted can be taken up again. Where there is no process to be had it tries again, LACKS times (1000).
set -u
directory=$1 given=${2-} most=${3-1000}
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

own() { # CGROUP
  case $1 in */vitest-cluster-"$id") ;; *) false ;; esac
}

remove() {
  ! own "$given" || end_cgroup "$given" || return
  is_session || return 0
  if own "$cgroup"; then
    end_cgroup "$cgroup" || return
  else
    # A manager that does not answer keeps nobody waiting: what ran in the slice is killed already
    timeout 5 systemctl --user stop "vitest_cluster_$id.slice" >/dev/null 2>&1
  fi
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
! own "$given" || kill_cgroup "$given"
! is_session || ! own "$cgroup" || kill_cgroup "$cgroup"
until try remove && ! is_session; do
  again "$most" || exit 1
done
