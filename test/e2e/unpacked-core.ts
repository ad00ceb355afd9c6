import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { createReadStream, statSync } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { execa } from 'execa'
import type { StoredCrash } from './stored-crashes.ts'

/**
 * Unpacks the core of `crash` into `file` with the system's own gunzip, and checks what its report says of
 * it: sizes and digest, of the stored object and of what is in it.
 */
export async function unpackCore({ report, core }: StoredCrash, file: string): Promise<void> {
  assert.ok(core !== null, 'the core is stored')
  assert.equal(statSync(core).size, report.core?.storedBytes)
  assert.equal(await sha256(core), report.core?.sha256)
  // By a shell, so that gigabytes do not go through us.
  await execa('sh', ['-c', 'gzip -dc "$1" > "$2"', 'sh', core, file])
  assert.equal(statSync(file).size, report.core?.sizeBytes)
}

/** What gdb says of a core, its backtrace included. Rejects if gdb says that the core is cut. */
export async function backtrace(program: string, core: string): Promise<string> {
  const { stdout, stderr } = await execa('gdb', [
    '--batch',
    '--nx',
    '-ex',
    'thread apply all bt',
    program,
    core,
  ])
  assert.doesNotMatch(stderr, /truncated|not a core dump|No such file/)
  return stdout
}

async function sha256(file: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  return hash.digest('hex')
}
