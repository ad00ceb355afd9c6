#!/bin/sh
# real-node.sh DIR KUBECONFIG CONTROLLER_MANAGER SCHEDULER KUBELET CLUSTER_DIR SERVICE_IP PORT PORT: what a node and a
# control plane need beside an API server, until standard input ends, be it that the test that started us was killed. What they
# and we changed on this machine is then as it was.
dir=$1 kubeconfig=$2 cluster=$6 service=$7

# A kubelet sets these, and leaves them so.
settings="vm/overcommit_memory vm/panic_on_oom kernel/panic kernel/panic_on_oops"
settings="$settings kernel/keys/root_maxkeys kernel/keys/root_maxbytes"
for name in $settings; do cat "/proc/sys/$name" > "$dir/$(echo "$name" | tr / .)"; done
# As systemd has it: without it no pod can be told of what is mounted on the node later.
propagation=$(findmnt --noheadings --output PROPAGATION /)
mount --make-shared /
# In place of kube-proxy: a test listens there, and pods reach it through their cable.
ip address add "$service/32" dev lo
# A kubelet makes these wherever its --root-dir is: links to logs, and the socket that device plugins look for.
made=
for place in /var/log/containers /var/lib/kubelet; do [ -e "$place" ] || made="$made $place"; done

"$3" --kubeconfig "$kubeconfig" --leader-elect=false --bind-address 127.0.0.1 --secure-port "$8" --cert-dir "$dir" \
  --service-account-private-key-file "$cluster/accounts.key" --root-ca-file "$cluster/apiserver.crt" \
  > "$dir/kube-controller-manager.log" 2>&1 &
pids=$!
"$4" --kubeconfig "$kubeconfig" --leader-elect=false --bind-address 127.0.0.1 --secure-port "$9" --cert-dir "$dir" \
  > "$dir/kube-scheduler.log" 2>&1 &
pids="$pids $!"
"$5" --kubeconfig "$kubeconfig" --config "$dir/kubelet.yaml" --root-dir "$dir/kubelet" --cert-dir "$dir" \
  --hostname-override node-1 --node-ip "$service" > "$dir/kubelet.log" 2>&1 &
pids="$pids $!"

read -r _
# shellcheck disable=SC2086
kill -KILL $pids
wait
ip address del "$service/32" dev lo
[ "$propagation" = shared ] || mount --make-private /
for name in $settings; do cat "$dir/$(echo "$name" | tr / .)" > "/proc/sys/$name"; done
# shellcheck disable=SC2086
rm -rf $made
