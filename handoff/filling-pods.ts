import path from 'node:path'
import { fieldsIn, fieldsOf } from '../crash/fields.ts'
import { isBytes, type Use } from '../crash/quota.ts'
import { boundedText } from './bounded-text.ts'
import { isOfAnotherVersion } from './format-version.ts'
import { encodeHandoff, RUN_FILES } from './run-folder.ts'

/** A pod whose core files on the node leave little room of what they may take, or none. */
export interface FillingPod extends Use {
  /** `<namespace>/<pod>` */
  readonly pod: string
  /** As much of it is not in the store, and is not removed to make room. */
  readonly unstoredBytes: number
}

const MOST = 10
const LARGEST_BYTES = 64 * 1024

/** For `status` of the node: the fullest ten. */
export function encodeFillingPods(pods: readonly FillingPod[]): string {
  const fullest = pods.toSorted((one, other) => other.usedBytes - one.usedBytes).slice(0, MOST)
  return encodeHandoff({ pods: fullest })
}

/** What lies in `runFolder`, as we see it; none: nothing, or nothing that can be read. */
export async function readFillingPods(runFolder: string): Promise<readonly FillingPod[]> {
  const file = path.join(runFolder, RUN_FILES.fillingPods)
  const found = fieldsIn((await boundedText(file, LARGEST_BYTES).catch(() => null)) ?? '') ?? {}
  const pods = !isOfAnotherVersion(found) && Array.isArray(found.pods) ? found.pods : []
  return pods.map(fillingPodIn).filter(pod => pod !== null)
}

function fillingPodIn(value: unknown): FillingPod | null {
  const { pod, usedBytes, limitBytes, unstoredBytes } = fieldsOf(value)
  if (typeof pod !== 'string' || !isBytes(usedBytes) || !isBytes(limitBytes) || !isBytes(unstoredBytes))
    return null
  return { pod, usedBytes, limitBytes, unstoredBytes }
}
