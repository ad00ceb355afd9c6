# container-node.sh DIR: the first process of a node that is a container, as those of kind are: it has cgroups,
# a /run, and a container runtime of its own.
set -e
dir=$1
exec 2> "$dir/node.log"
grep -E ' - cgroup2? ' /proc/self/mountinfo > "$dir/cgroups"
while read -r _ _ _ _ point more; do
  type=${more##* - } options=${more##* }
  type=${type%% *}
  case $type in
  cgroup2) again="-t cgroup2" ;;
  *)
    # The names of controllers are the last of the options, and a hierarchy without any has a name of its own.
    case $options in *name=*) options=none,${options#*,} ;; *) options=${options#*,} ;; esac
    again="-t cgroup -o $options"
    ;;
  esac
  umount "$point"
  # shellcheck disable=SC2086
  mount $again cgroup "$point"
done < "$dir/cgroups"
# As systemd has it: a pod may ask to be told of what is mounted later.
mount --make-rshared /
mkdir -p /run /tmp
mount -t tmpfs -o mode=755 run /run
containerd --config "$dir/containerd.toml" > "$dir/containerd.log" 2>&1 &
while :; do wait; sleep 1; done
