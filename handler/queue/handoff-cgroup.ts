import { readFileSync } from 'node:fs'
import path from 'node:path'
import { anotherVersion, saysAnotherVersion } from '../../handoff/format-version.ts'
import { type CgroupWeight, type HandoffCgroup, RUN_FILES } from '../../handoff/run-folder.ts'

/**
 * The cgroup that the installer made for all handlers. Only absolute files of a cgroup, and numbers for them:
 * whatever else is handed over, nothing else is written to. Throws where there is none.
 */
export function readHandoffCgroup(runFolder: string): HandoffCgroup {
  const text = readFileSync(path.join(runFolder, RUN_FILES.cgroup), 'utf8')
  if (saysAnotherVersion(text)) throw anotherVersion(RUN_FILES.cgroup)
  const { procsFiles, weights } = JSON.parse(text) as Record<keyof HandoffCgroup, unknown>
  return {
    procsFiles: listOf(procsFiles).filter(file => isFileOf(file, ['cgroup.procs'])),
    weights: listOf(weights).filter(isWeight),
  }
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function isFileOf(file: unknown, names: readonly string[]): file is string {
  return typeof file === 'string' && path.isAbsolute(file) && names.includes(path.basename(file))
}

function isWeight(value: unknown): value is CgroupWeight {
  if (typeof value !== 'object' || value === null) return false
  const { file, held, afterwards } = value as Record<string, unknown>
  return isFileOf(file, ['cpu.weight', 'cpu.shares']) && isNumber(held) && isNumber(afterwards)
}

function isNumber(value: unknown): value is string {
  return typeof value === 'string' && /^\d{1,6}$/.test(value)
}
