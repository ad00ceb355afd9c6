import { fieldsIn } from '../crash/fields.ts'
import { FORMAT_VERSION, isOfAnotherVersion } from './format-version.ts'

/**
 * What the node's core dump settings were before CoreDog; the installer keeps it, the handler forwards by it.
 */
export interface OriginalSysctls {
  readonly corePattern: string
  readonly corePipeLimit: number
}

/** Name of the file within the state directory. */
export const ORIGINAL_SYSCTLS_FILE = 'original-sysctls.json'

/** The settings in `text`, or `null` if they are not there in full. */
export function decodeOriginalSysctls(text: string): OriginalSysctls | null {
  const found = fieldsIn(text) ?? {}
  const { corePattern, corePipeLimit } = found
  return !isOfAnotherVersion(found) && typeof corePattern === 'string' && typeof corePipeLimit === 'number'
    ? { corePattern, corePipeLimit }
    : null
}

/** The text that {@link decodeOriginalSysctls} reads. */
export function encodeOriginalSysctls({ corePattern, corePipeLimit }: OriginalSysctls): string {
  return `${JSON.stringify({ version: FORMAT_VERSION, corePattern, corePipeLimit })}\n`
}

/** The kernel's own defaults: what is put back when it is not known what was there. */
export const KERNEL_DEFAULTS: OriginalSysctls = { corePattern: 'core', corePipeLimit: 0 }
