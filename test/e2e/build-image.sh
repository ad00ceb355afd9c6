#!/bin/sh
# build-image.sh NAME ARCHIVE PROGRAM...: an image of nothing but the given static programs in /bin, or
# of a whole root file system if PROGRAM is a folder, written to ARCHIVE. Runs in a mount namespace of its own (`unshare --mount`), where buildah's storage
# is memory: nothing stays in /var/lib/containers, and a registry is not asked.
set -eu
name=$1 archive=$2
shift 2
mount -t tmpfs tmpfs /var/lib
mount -t tmpfs tmpfs /run
export STORAGE_DRIVER=vfs BUILDAH_ISOLATION=chroot
container=$(buildah from scratch)
if [ -d "$1" ]; then
  buildah copy --quiet "$container" "$1" /
else
  buildah copy --quiet "$container" "$@" /bin/
  buildah config --entrypoint "[\"/bin/$(basename "$1")\"]" "$container"
fi
buildah commit --quiet "$container" "$name"
buildah push --quiet "$name" "oci-archive:$archive:$name"
