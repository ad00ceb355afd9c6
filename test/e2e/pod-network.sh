#!/bin/sh
# A CNI plugin: a cable from each pod to this machine, which is the gateway. Nothing leads further. The addresses that
# are taken are folders beside us.
set -eu
taken=$(dirname "$0")/../addresses
cable=cd$(printf %.10s "$CNI_CONTAINERID")
case $CNI_COMMAND in
ADD)
  number=2
  until mkdir "$taken/$number" 2> /dev/null; do
    number=$((number + 1))
    [ "$number" -lt 250 ] || exit 1
  done
  : > "$taken/$number/$cable"
  address=10.244.0.$number
  ip link add "$cable" type veth peer name "${cable}p"
  ip link set "${cable}p" netns "$CNI_NETNS"
  ip address add 10.244.0.1/32 dev "$cable"
  ip link set "$cable" up
  ip route add "$address/32" dev "$cable"
  nsenter --net="$CNI_NETNS" sh -euc "
    ip link set lo up
    ip link set '${cable}p' name eth0
    ip address add '$address/32' dev eth0
    ip link set eth0 up
    ip route add 10.244.0.1 dev eth0 scope link
    ip route add default via 10.244.0.1"
  echo "{\"cniVersion\": \"0.4.0\", \"interfaces\": [{\"name\": \"eth0\", \"sandbox\": \"$CNI_NETNS\"}],
    \"ips\": [{\"version\": \"4\", \"address\": \"$address/32\", \"gateway\": \"10.244.0.1\", \"interface\": 0}]}"
  ;;
DEL)
  ip link delete "$cable" 2> /dev/null || true
  for owner in "$taken"/*/"$cable"; do
    [ ! -e "$owner" ] || rm -r "$(dirname "$owner")"
  done
  ;;
esac
