# Runs in the tree before a playbook does. What it makes in /run is gone with the build.

# Services are enabled and disabled, but not run: systemctl(1) leaves it at that, for SYSTEMD_OFFLINE is set, and
# without this directory service(8) would run init scripts
mkdir -p /run/systemd/system /run/vitest-cluster/bin
# Nothing that a package brings is started: invoke-rc.d(8) asks this
policy=/usr/sbin/policy-rc.d
if [ -d /usr/sbin ] && [ ! -e $policy ] && [ ! -L $policy ]; then
  printf '#!/bin/sh\n# vitest-cluster: while the tree is made\nexit 101\n' >$policy
  chmod 755 $policy
fi
# A tree without systemd can be told about services as well. One that a task installs takes over
cat >/run/vitest-cluster/bin/systemctl <<'SCRIPT'
#!/bin/sh
for real in /usr/bin/systemctl /bin/systemctl; do
  [ ! -x $real ] || exec $real "$@"
done
echo "Running in chroot, ignoring command: $*" >&2
SCRIPT
chmod 755 /run/vitest-cluster/bin/systemctl
# apt's lists are not kept in trees; the apt module (cache_valid_time) looks at nothing but these times
lists=/var/lib/apt/lists
if [ -d $lists ] && ! ls $lists/*_Packages* >/dev/null 2>&1; then
  touch -d @0 $lists
  rm -f /var/lib/apt/periodic/update-success-stamp
fi
