#!/bin/sh
# kube-cluster.sh DIR ETCD KUBE_APISERVER ETCD_PORT PEER_PORT PORT [ARGUMENT…]: runs an API server, with these arguments
# too, and its etcd until standard input ends, be it that the test that started us was killed. Then there is neither of them,
# nor DIR, which is a new one.
dir=$1 api_server=$3 etcd=http://127.0.0.1:$4 peer=http://127.0.0.1:$5 port=$6

"$2" --data-dir "$dir/etcd" --unsafe-no-fsync --log-level warn \
  --listen-client-urls "$etcd" --advertise-client-urls "$etcd" \
  --listen-peer-urls "$peer" --initial-advertise-peer-urls "$peer" --initial-cluster "default=$peer" \
  > "$dir/etcd.log" 2>&1 &
etcd_pid=$!

# It makes a certificate for 127.0.0.1 itself. No client looks for it by its Service, so no endpoint is written. The address of
# a Service is one of this machine's own, so that a test can listen there, as kube-proxy would (service-proxy.ts). Privileged
# pods are allowed, as everywhere where the network of pods is one.
shift 6
"$api_server" --etcd-servers "$etcd" \
  --bind-address 127.0.0.1 --advertise-address 127.0.0.1 --secure-port "$port" --cert-dir "$dir" \
  --endpoint-reconciler-type none --service-cluster-ip-range 127.8.0.0/24 \
  --authorization-mode Node,RBAC --allow-privileged --token-auth-file "$dir/tokens.csv" \
  --service-account-issuer https://kubernetes.default.svc \
  --service-account-signing-key-file "$dir/accounts.key" --service-account-key-file "$dir/accounts.key" "$@" \
  > "$dir/kube-apiserver.log" 2>&1 &
api_pid=$!

read -r _
kill -KILL "$api_pid" "$etcd_pid"
wait
rm -rf "$dir"
