#!/bin/sh
# keep-core.sh --config=FILE PID COMM ...: the least that can stand in core_pattern. Keeps the core, what
# the kernel said of it, and the cgroup of the process, beside FILE.
dir=${1%/*} dir=${dir#--config=}
shift
cat /proc/"$1"/cgroup > "$dir/$1.cgroup"
cat > "$dir/$1.core"
printf '%s\n' "$@" > "$dir/$1.arguments"
