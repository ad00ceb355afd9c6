#!/bin/sh
# pod-credentials.sh TOKEN AUTHORITY NAMESPACE PROGRAM ARG ...: runs a program that finds these three files where the
# kubelet mounts a pod's credentials. Start it in a mount namespace of its own. It ends with the process that started it.
set -eu
mount -t tmpfs none /run
mkdir -p /run/secrets/kubernetes.io/serviceaccount
cp "$1" /run/secrets/kubernetes.io/serviceaccount/token
cp "$2" /run/secrets/kubernetes.io/serviceaccount/ca.crt
cp "$3" /run/secrets/kubernetes.io/serviceaccount/namespace
shift 3
exec setpriv --pdeathsig KILL -- "$@"
