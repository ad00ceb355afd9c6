import { isDnsLabel, LONGEST_NAME } from '../crash/dns-name.ts'

/** Whose a core file is, as far as its directories say. */
export interface Owner {
  readonly namespace: string
  /** A pod's name, or in old installations its uid, or that of its admission. */
  readonly pod: string
  readonly container?: string
}

/**
 * The owner of the file at `segments` below the dumps directory; `null` where no pod's files are. Only the
 * first names count, because the kubelet made those; what is below is the container's, which can give it the
 * name of any other pod: `<namespace>/<pod, its uid, or its admission's>/core`, or
 * `<namespace>/<pod>/<container>/…/core`.
 */
export function ownerOf(segments: readonly string[]): Owner | null {
  const [namespace = '', pod = '', container = ''] = segments
  if (segments.length < 3 || !isDnsLabel(namespace) || !isSubdomain(pod)) return null
  const owner = { namespace, pod }
  return segments.length > 3 && isDnsLabel(container) ? { ...owner, container } : owner
}

function isSubdomain(name: string): boolean {
  return name.length <= LONGEST_NAME && name.split('.').every(isDnsLabel)
}
