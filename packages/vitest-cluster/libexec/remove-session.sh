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

# Sets `cgroup` to that of the marker. Fails for what is not a session of the caller's
is_session() {
  [ -d "$directory" ] && [ ! -L "$directory" ] && [ -O "$directory" ] || return
  { read -r first && read -r second && read -r third; } 2>/dev/null <"$directory/session" || return
  [ "$first" = 'vitest-cluster session 1' ] && [ "$second" = "id=$id" ] && cgroup=${third#cgroup=}
}

own() { # CGROUP
  case $1 in */vitest-cluster-"$id") ;; *) false ;; esac
}

# What runs in a session's group, but for watch-lease.sh, which goes on where this script is killed
kill_session() { # CGROUP
  own "$1" || return 0
  kill_cgroup "$1/manager"
  kill_cgroup "$1/waiting"
}

end_session() { # CGROUP
  own "$1" || return 0
  end_cgroup "$1/manager" && end_cgroup "$1/waiting"
}

remove() {
  end_session "$given" || return
  if is_session; then
    remove_directory || return
  fi
  ! own "$given" || end_cgroup "$given"
}

remove_directory() {
  if own "$cgroup"; then
    end_session "$cgroup" || return
    [ "$cgroup" = "$given" ] || end_cgroup "$cgroup" || return
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
kill_session "$given"
! is_session || kill_session "$cgroup"
until try remove && ! is_session; do
  again "$most" || exit 1
done
# The keeper's own children are children of what it became: a shell that runs a program reaps them with it
tries=0
while { read -r children || [ -n "$children" ]; } 2>/dev/null <"/proc/$$/task/$$/children" && [ $tries -lt 100 ]; do
  try 'sleep 0.002'
  tries=$((tries + 1))
done
