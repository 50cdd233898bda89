#!/bin/sh
# end-cgroup.sh CGROUP
#
# Kills all processes in a control group, and removes it with the groups below it.
set -u
. "${0%/*}/kill-cgroup.sh"
group=$1

# shellcheck disable=SC2016
until try 'end_cgroup "$group"' || ! again 1000; do :; done
