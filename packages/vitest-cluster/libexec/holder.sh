#!/bin/sh
# holder.sh DURATION
#
# Holds a session that nobody else holds any more: one that was left up in the background, or kept
# after a failed run. It inherits what the run held (the keeper's pipe, the lease, the locks of the
# ports) and does nothing with it; when it ends, by itself after DURATION (sleep(1)) or by a signal,
# the kernel closes them, and the keeper ends the session as it does for any run that died.
exec sleep "$1"
