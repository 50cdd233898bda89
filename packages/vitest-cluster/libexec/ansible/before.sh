# Runs in the tree before a playbook does.

# apt's lists are not kept in trees; the apt module (cache_valid_time) looks at nothing but these times
lists=/var/lib/apt/lists
if [ -d $lists ] && ! ls $lists/*_Packages* >/dev/null 2>&1; then
  touch -d @0 $lists
  rm -f /var/lib/apt/periodic/update-success-stamp
fi
