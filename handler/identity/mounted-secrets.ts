import { open, readdir } from 'node:fs/promises'
import path from 'node:path'
import { backWithin } from '../../time/left-behind.ts'

const KUBELET_FOLDER = '/var/lib/kubelet'
/** Of service accounts there are tokens in projected ones. */
const KINDS = ['kubernetes.io~secret', 'kubernetes.io~projected']
/** Names in them that are no secret, and whose values are words of other texts. */
const NO_SECRETS: ReadonlySet<string> = new Set(['namespace', 'ca.crt'])
const UID = /^[0-9a-f-]{36}$/
const [MOST_VOLUMES, MOST_FILES, LARGEST_FILE_BYTES] = [64, 256, 64 * 1024]
const DEADLINE_SECONDS = 2

/**
 * The Secrets that are mounted into a pod, from where the kubelet wrote them on this node: what the pod itself sees
 * is the tenant's. None, where they cannot be read in time. Never rejects.
 */
export async function mountedSecrets(
  podUid: string,
  kubeletFolder: string = KUBELET_FOLDER,
): Promise<readonly Buffer[]> {
  if (!UID.test(podUid)) return []
  const reading = secretsIn(path.join(kubeletFolder, 'pods', podUid, 'volumes')).catch(() => [])
  return (await backWithin(reading, DEADLINE_SECONDS)) ?? []
}

async function secretsIn(volumes: string): Promise<readonly Buffer[]> {
  const files: string[] = []
  for (const kind of KINDS) {
    const names = await readdir(path.join(volumes, kind)).catch(() => [])
    for (const name of names.slice(0, MOST_VOLUMES))
      files.push(...(await filesIn(path.join(volumes, kind, name))))
  }
  // One may be gone by now: the kubelet has written the volume anew.
  return await Promise.all(
    files.slice(0, MOST_FILES).map(file => beginningOf(file).catch(() => Buffer.alloc(0))),
  )
}

/** The kubelet changes all of a volume at once: what is valid now is in `..data`. */
async function filesIn(volume: string): Promise<readonly string[]> {
  const entries = await readdir(path.join(volume, '..data'), { recursive: true, withFileTypes: true }).catch(
    () => [],
  )
  return entries
    .filter(entry => entry.isFile() && !NO_SECRETS.has(entry.name))
    .map(({ parentPath, name }) => path.join(parentPath, name))
}

async function beginningOf(file: string): Promise<Buffer> {
  await using handle = await open(file, 'r')
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(LARGEST_FILE_BYTES), 0, LARGEST_FILE_BYTES, 0)
  return buffer.subarray(0, bytesRead)
}
