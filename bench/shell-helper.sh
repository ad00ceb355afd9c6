#!/bin/bash
# shell-helper.sh FOLDER PID NAME TIME: keeps a core as shell helpers do that blogs about Kubernetes recommend. One core of
# a program in five minutes; gzip; the program beside it in an archive, so that gdb has both; old ones are removed. The
# message to the chat at its end is left out: here is no chat to tell.
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
folder=$1 pid=$2 name=$(basename -- "$3") time=$4
core=core_$(hostname)_exe_${name}_pid_${pid}_time_${time}.gz
work=$folder/work
mkdir -p "$work"
find "$folder" -maxdepth 1 -type f -mmin +5 -name "lock-$name" -delete
[ -f "$folder/lock-$name" ] && exit 0
touch "$folder/lock-$name"

program=$(readlink "/proc/$pid/exe")
gzip > "$work/$core"
cp -f "$program" "$work/" 2>/dev/null
tar zcf "$work/$core.tgz" -C "$work" --exclude='*.tgz' .
mv -f "$work/$core.tgz" "$folder/"
rm -rf "$work"
find "$folder" -type f -mtime +1 -delete
