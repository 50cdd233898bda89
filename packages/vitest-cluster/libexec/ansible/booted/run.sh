#!/bin/sh
# run.sh ANSIBLE-PLAYBOOK ARGUMENT…
#
# The same as ../run.sh, while the tree at `root` is booted: its own systemd is the first process of namespaces below
# those of the build, which connection.py enters. Prints events like callback.py, one JSON object per line.
# Runs in the build's directory, as root of its namespace. All processes end with this namespace.
set -eu
# Seconds. More than the 90 that systemd allows one unit (systemd-system.conf(5)), so that a single unit that hangs is
# reported by its name
deadline=120
say() { printf '{"event": "%s"}\n' "$1"; }
# Prints the next word from inside, or `late` after the deadline
hear() { timeout $deadline sh -c 'read -r word && echo "$word"' <&5 || echo late; }
inside() { nsenter --target "$(cat pid)" --mount --pid --uts --ipc --root --wd -- "$@"; }
# Prints failed units and pending jobs of the tree, for the error message
explain() {
  say journal
  # shellcheck disable=SC2016
  inside timeout 10 sh -c '
    systemctl list-jobs --plain --no-legend --no-pager | while read -r _ unit job state; do
      [ "$state" != running ] || echo "$unit: $job is not done"
    done
    # Wait for the latest lines of units
    journalctl --sync 2>/dev/null
    systemctl list-units --state=failed --plain --no-legend --no-pager | while read -r unit _; do
      echo "$unit:"
      journalctl --no-pager --quiet --output=cat --lines=12 --unit="$unit"
    done' 2>&1 || true
}

if [ ! -x root/usr/lib/systemd/systemd ] && [ ! -x root/lib/systemd/systemd ]; then
  say no-systemd
  exit 1
fi
bus=
for directory in etc/systemd/system usr/lib/systemd/system lib/systemd/system; do
  if [ -e "root/$directory/dbus.socket" ]; then bus=yes; fi
done
chroot root /bin/sh -eu <ansible/before.sh
# These files are in memory, and vanish with the build
mkdir -p root/run/vitest-cluster root/run/systemd/system root/run/systemd/journald.conf.d
mkfifo root/run/vitest-cluster/word
tr -d - </proc/sys/kernel/random/uuid >root/run/vitest-cluster/machine-id
cp ansible/booted/*.target ansible/booted/*.service root/run/systemd/system
cp ansible/booted/journald.conf root/run/systemd/journald.conf.d/vitest-cluster.conf
while read -r unit; do ln -s /dev/null "root/run/systemd/system/$unit"; done <<LIST
$(cat ansible/booted/masked ansible/booted/host-units)
LIST
# Without a bus logind would fail after five tries
[ "$bus" = yes ] || ln -s /dev/null root/run/systemd/system/systemd-logind.service
: >root/dev/console
mount -c --bind /dev/null root/dev/console
# Without this file systemd assumes a first boot, and enables every unit (machine-id(5))
made_id=
if [ ! -e root/etc/machine-id ] && [ ! -L root/etc/machine-id ]; then
  : >root/etc/machine-id
  made_id=yes
fi

# Opened for reading and writing, which does not block
exec 5<>root/run/vitest-cluster/word
# shellcheck disable=SC2016
{
  sh -c 'echo 0 >"$0/cgroup.procs" && exec "$@"' "$(cat cgroup)" unshare --mount --ipc --uts --pid --cgroup --fork \
    --kill-child --propagation private sh ansible/booted/boot.sh 5>&- || true
  echo ended >&5
} &
say booting
word=$(hear)
if [ "$word" != up ]; then
  [ "$word" = ended ] || explain
  say "boot-$word"
  exit 1
fi
say booted

{
  status=0
  "$@" 5>&- || status=$?
  echo "$status" >&5
} &
read -r status <&5
if [ "$status" = ended ] || { [ "$status" != 0 ] && [ -e root/run/vitest-cluster/stopping ]; }; then
  say gone
  exit 1
elif [ "$status" != 0 ]; then
  chroot root /bin/sh -eu <ansible/python.sh
  explain
  exit "$status"
fi

# SIGRTMIN+4 to systemd is `systemctl poweroff` (systemd(1)); files are complete when systemd has ended
kill -38 "$(cat pid)" || true
if [ "$(hear)" != ended ]; then
  explain
  say poweroff-late
  exit 1
fi
[ "$made_id" = '' ] || rm root/etc/machine-id
chroot root /bin/sh -eu <ansible/after.sh
