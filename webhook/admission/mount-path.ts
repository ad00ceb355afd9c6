import path from 'node:path'
import type { NewContainer, NewPod } from './pod.ts'

/** Never mounted over, nor anything below: a container without its own would not start, or not be itself. */
const DENIED = [
  ...['/etc', '/usr', '/bin', '/sbin', '/var', '/root', '/home', '/boot'],
  ...['/proc', '/sys', '/dev', '/lib', '/lib64', '/run', '/tmp'],
]

// PATH_MAX and NAME_MAX of Linux, with the zero at the end.
const PATH_BYTES = 4095
const NAME_BYTES = 255

/**
 * The path of an annotation as the kernel would resolve it, or `null` if nothing may be mounted there. A
 * colon is not allowed either: the API server would refuse the whole pod for it.
 */
export function readMountPath(written: string): string | null {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  if (!written.startsWith('/') || /[:\u0000-\u001f\u007f\ud800-\udfff]/.test(written)) return null
  const clean = trimSlash(path.posix.normalize(written))
  if (clean === '/' || DENIED.some(denied => isWithin(clean, denied))) return null
  const tooLong = clean.split('/').some(name => Buffer.byteLength(name) > NAME_BYTES)
  return tooLong || Buffer.byteLength(clean) > PATH_BYTES ? null : clean
}

/**
 * What stands in the way of a mount at `mountPath` (clean), for a person to read; `null`: nothing. Below a
 * volume that can be written, the runtime makes the directory; below a read-only one the container would not
 * start.
 */
export function findClash(mountPath: string, container: NewContainer, pod: NewPod): string | null {
  const readOnly = new Set((pod.volumes ?? []).filter(volume => volume.readOnly).map(volume => volume.name))
  for (const mount of container.mounts ?? []) {
    const there = cleanPath(mount.path)
    if (there === mountPath) return `volume "${mount.volume}" is mounted there`
    if (isWithin(mountPath, there) && (mount.readOnly || readOnly.has(mount.volume)))
      return `it is inside the read-only volume "${mount.volume}"`
  }
  const taken = container.devicePaths.some(device => cleanPath(device) === mountPath)
  return taken ? 'a block device is there' : null
}

function cleanPath(written: string): string {
  return trimSlash(path.posix.normalize(`/${written}`))
}

function trimSlash(clean: string): string {
  return clean.length > 1 && clean.endsWith('/') ? clean.slice(0, -1) : clean
}

function isWithin(inner: string, outer: string): boolean {
  return inner === outer || inner.startsWith(outer === '/' ? '/' : `${outer}/`)
}
