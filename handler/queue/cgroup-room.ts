import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { Config } from '../../config/config.ts'
import { isMissing } from '../../crash/system-error.ts'
import type { HandoffCgroup } from '../../handoff/run-folder.ts'
import { readHandoffCgroup } from './handoff-cgroup.ts'

/** In version 2 and in version 1, where a hierarchy has one of them. */
const LIMIT_FILES = ['memory.max', 'memory.limit_in_bytes']

/**
 * How much the cgroup of all handlers may hold beside `limits.memory`, which is for what they need in any case; at
 * its limit the kernel kills them. An installer of before there was `limits.readAhead` left nothing beside it, and
 * one that has not seen a change of the configuration yet may have left less.
 */
export function roomInCgroup({ limits, paths }: Pick<Config, 'limits' | 'paths'>): number {
  const limitBytes = limitOf(handedCgroup(paths.run))
  if (limitBytes === null) return Number.POSITIVE_INFINITY
  return limits.memoryBytes === 0 ? 0 : Math.max(0, limitBytes - limits.memoryBytes)
}

/** Without an installer no handler enters one. */
function handedCgroup(runFolder: string): HandoffCgroup {
  try {
    return readHandoffCgroup(runFolder)
  } catch (cause) {
    if (isMissing(cause)) return { procsFiles: [] }
    throw cause
  }
}

/** `null`: none. */
function limitOf({ procsFiles }: HandoffCgroup): number | null {
  const limits = procsFiles.flatMap(file =>
    LIMIT_FILES.flatMap(name => read(path.join(path.dirname(file), name))),
  )
  const bytes = limits.map(text => bytesOf(text.trim())).filter(bytes => bytes < UNLIMITED_BYTES)
  return bytes.length === 0 ? null : Math.min(...bytes)
}

// Version 1 has the largest number of pages where there is no limit.
const UNLIMITED_BYTES = 2 ** 60

function bytesOf(limit: string): number {
  return limit === 'max' ? UNLIMITED_BYTES : Number(limit)
}

function read(file: string): readonly string[] {
  try {
    return [readFileSync(file, 'utf8')]
  } catch (cause) {
    if (isMissing(cause)) return []
    throw cause
  }
}
