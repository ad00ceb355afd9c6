import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, describe, it } from 'node:test'
import { deflateRawSync } from 'node:zlib'
import { execa } from 'execa'
import { checkOutput } from '../../bench/output-check.ts'
import { compilePrograms, type Programs } from '../../bench/programs.ts'
import { readCoreHead } from '../../crash/core-head.ts'
import { findProgram } from '../installed-program.ts'

const MIB = 2 ** 20
const skip = findProgram('gcc') === null && 'gcc is not installed'

describe('core-maker', { skip }, () => {
  let folder: string
  let programs: Programs

  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'coredog-bench-test-'))
    programs = await compilePrograms(folder)
  })
  after(() => rmSync(folder, { recursive: true }))

  it('writes a whole core, the same each time', async () => {
    const core = await written('heap', '3')
    const read = readCoreHead(core)
    assert.ok('head' in read)
    assert.equal(read.head.endBytes, core.length)
    assert.equal(core.length, 3 * MIB + 4096)
    assert.equal(read.head.comm, 'core-maker')
    assert.ok((await written('heap', '3')).subarray(4096).equals(core.subarray(4096)))
  })

  it('zeros are zeros, random bytes cannot be compressed, and a heap can', async () => {
    assert.ok((await written('zeros', '1')).subarray(4096).every(byte => byte === 0))
    assert.ok(share(await written('random', '4')) > 0.99)
    const heap = share(await written('heap', '4'))
    assert.ok(heap > 0.3 && heap < 0.45, String(heap))
  })

  it('repeats what it has when the core is larger', async () => {
    const core = await written('heap', '66')
    const memory = core.subarray(4096)
    assert.equal(memory.length, 66 * MIB)
    assert.ok(memory.subarray(64 * MIB).equals(memory.subarray(0, 2 * MIB)))
    assert.ok(!memory.subarray(MIB, 2 * MIB).equals(memory.subarray(0, MIB)))
  })

  it('takes the memory from a file', async () => {
    const file = path.join(folder, 'memory')
    writeFileSync(file, Buffer.alloc(10_000, 7))
    assert.ok((await written(file, '1')).subarray(4096).equals(readFileSync(file)))
  })

  it('feeds a helper through a pipe, and the meter sees what that took', async () => {
    const [script, result, kept] = ['helper', 'result', 'core.gz'].map(name => path.join(folder, name))
    writeFileSync(script!, `#!/bin/sh\nexec '${programs.meter}' '${result}' -- /bin/gzip -1 >'${kept}'\n`)
    chmodSync(script!, 0o755)
    const { stdout } = await execa(programs.coreMaker, ['pipe', 'heap', '2', script!])
    const { heldSeconds } = JSON.parse(stdout)
    const { status, peakBytes, wallSeconds } = JSON.parse(readFileSync(result!, 'utf8'))
    assert.equal(status, 0)
    assert.ok(peakBytes > 4096 && wallSeconds > 0 && heldSeconds > 0)
    await checkOutput('gzip -dc "$1"', [kept!], 2 * MIB)
  })

  it('so many processes as are asked for crash at once, and each is waited for', async () => {
    // With this limit the kernel dumps nothing, also into a pipe.
    const { stdout } = await execa('prlimit', ['--core=1', programs.coreMaker, 'storm', 'heap', '2', '3'])
    const held = stdout.split('\n').map(line => JSON.parse(line))
    assert.deepEqual(
      held.map(({ signal, dumped }) => [signal, dumped]),
      [11, 11, 11].map(signal => [signal, false]),
    )
    assert.ok(held.every(({ heldSeconds }) => heldSeconds > 0))
  })

  it('what is cut, missing or no core is no output', async () => {
    const file = path.join(folder, 'cut')
    const core = await written('heap', '2')
    const check = (bytes: Buffer) => {
      writeFileSync(file, bytes)
      return checkOutput('cat "$1"', [file], MIB)
    }
    await check(core)
    await assert.rejects(check(core.subarray(0, -1)), /kept 2101247 of 2101248 bytes/)
    await assert.rejects(check(Buffer.alloc(5000, 1)), /no core/)
    await assert.rejects(checkOutput('cat "$1"', [], 1), /kept 0 files/)
    await assert.rejects(checkOutput('gzip -dc "$1" 2>/dev/null', [file], 1), /no core|cannot be unpacked/)
    await check(core)
    await assert.rejects(checkOutput('cat "$1"', [file], 3 * MIB), /kept 2101248 of 2101248 bytes/)
  })

  async function written(kind: string, mebibytes: string): Promise<Buffer> {
    const { stdout } = await execa(programs.coreMaker, ['write', kind, mebibytes], {
      encoding: 'buffer',
      maxBuffer: 128 * MIB,
    })
    return Buffer.from(stdout)
  }
})

function share(bytes: Buffer): number {
  return deflateRawSync(bytes, { level: 1 }).length / bytes.length
}
