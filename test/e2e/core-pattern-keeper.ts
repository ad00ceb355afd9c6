/**
 * Started by {@link CorePattern} with a channel to its owner. It lives longer than the owner, whatever
 * ends that one, and its last act is to put the kernel's settings back. So nothing needs a signal handler.
 *
 * Should the keeper itself be killed, the record that it leaves tells the next one what stood there
 * before: without it, our own pattern would pass for the original. Where the record went with the machine's
 * files, and our handler with it, the original is what a kernel begins with.
 */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import process from 'node:process'
import {
  isLeftOver,
  KERNEL_DEFAULTS,
  type KernelSettings,
  readKernelSettings,
  writeKernelSettings,
} from './kernel-settings.ts'
import { CORE_PATTERN_LOCK, MachineLock } from './machine-lock.ts'
import { sweepWorkspaces } from './workspace.ts'

interface Record {
  readonly original: KernelSettings
  /** Every pattern that we set since. */
  readonly ours: readonly string[]
}

const RECORD = '/run/coredog-e2e/core-pattern.json'

async function main(withinSeconds: number): Promise<void> {
  const released = new Promise<void>(resolve => process.once('disconnect', resolve))
  await using _lock = await MachineLock.take(CORE_PATTERN_LOCK, holder(), withinSeconds)
  const original = originalSettings()
  process.on('message', settings => answer(original, settings as KernelSettings))
  process.send?.({ original })
  await released
  try {
    // An installer in a container of an owner that was killed would set its own again.
    await sweepWorkspaces()
  } finally {
    putBack(original)
  }
}

function answer(original: KernelSettings, settings: KernelSettings): void {
  try {
    remember(original, settings.pattern)
    writeKernelSettings(settings)
    process.send?.({ set: settings })
  } catch (thrown) {
    process.send?.({ refused: String(thrown) })
  }
}

function putBack(original: KernelSettings): void {
  writeKernelSettings(original)
  rmSync(path.dirname(RECORD), { recursive: true, force: true })
}

function originalSettings(): KernelSettings {
  const current = readKernelSettings()
  const record = readRecord()
  if (record?.ours.includes(current.pattern)) return record.original
  return isLeftOver(current) ? KERNEL_DEFAULTS : current
}

function remember(original: KernelSettings, pattern: string): void {
  const record: Record = { original, ours: [...(readRecord()?.ours ?? []), pattern] }
  mkdirSync(path.dirname(RECORD), { recursive: true })
  writeFileSync(`${RECORD}.new`, JSON.stringify(record))
  renameSync(`${RECORD}.new`, RECORD)
}

function readRecord(): Record | null {
  try {
    return JSON.parse(readFileSync(RECORD, 'utf8')) as Record
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw thrown
  }
}

function holder(): string {
  const commandLine = readFileSync(`/proc/${process.ppid}/cmdline`, 'utf8')
    .replace(/[\0\s]+/g, ' ')
    .trim()
  return `process ${process.ppid} (${commandLine})`
}

// We outlive the terminal and the process that stops the owner: the owner's end is our only signal.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => process.connected && process.disconnect())
}

try {
  await main(Number(process.argv[2]))
} catch (thrown) {
  if (process.connected)
    process.send?.({ refused: thrown instanceof Error ? thrown.message : String(thrown) })
  process.exitCode = 1
} finally {
  if (process.connected) process.disconnect()
}
