/** What a kubelet gives every container has a place below this, and volumes have. */
const OF_POD =
  /^(\/[^\0]{0,1000}|)\/pods\/([0-9a-f-]{36})\/(?:volumes|volume-subpaths|containers|etc-hosts)(?:\/|$)/
const MOST_MOUNTS = 256
const LONGEST_PATH = 4096

/**
 * Where the kubelet keeps its pods: `/var/lib/kubelet` unless its --root-dir says another one, as those of k0s and
 * MicroK8s do. `mounts` are those of a container of pod `podUid`; `null`: they do not tell.
 */
export function kubeletFolderIn(
  mounts: readonly { readonly hostPath: string }[],
  podUid: string,
): string | null {
  for (const { hostPath } of mounts.slice(0, MOST_MOUNTS)) {
    if (hostPath.length > LONGEST_PATH || hostPath.split('/').includes('..')) continue
    const [, folder = '', uid] = OF_POD.exec(hostPath) ?? []
    if (uid === podUid && folder !== '') return folder
  }
  return null
}
