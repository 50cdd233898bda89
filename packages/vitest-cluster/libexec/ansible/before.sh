# Runs in the tree before a playbook.

# Trees do not keep apt's lists; the apt module (cache_valid_time) decides only by these times
lists=/var/lib/apt/lists
if [ -d $lists ] && ! ls $lists/*_Packages* >/dev/null 2>&1; then
  touch -d @0 $lists
  rm -f /var/lib/apt/periodic/update-success-stamp
fi
