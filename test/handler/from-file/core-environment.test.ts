import assert from 'node:assert/strict'
import { it } from 'node:test'
import { readCoreHead } from '../../../crash/core-head.ts'
import { DumpedMemory } from '../../../crash/dumped-memory.ts'
import type { ReadMemory } from '../../../crash/process-memory.ts'
import { environmentIn } from '../../../handler/from-file/core-environment.ts'
import { elfCore } from '../../fakes/elf-core.ts'

const STACK = 0x7f00_0000_0000n

/** Of a core whose first stack ends with `end`, and with the path of the program. */
async function environmentOf(end: string | Buffer, stackBytes = 8192, programPath?: bigint): Promise<string> {
  const stack = Buffer.alloc(stackBytes, Buffer.from('112233445566', 'hex'))
  const bytes = Buffer.concat([Buffer.from(end as string), Buffer.from('/app/shop\0\0\0\0\0\0\0\0\0')])
  bytes.copy(stack, stack.length - bytes.length)
  const core = elfCore({
    memory: [{ address: STACK, bytes: stack }],
    entry: 0x401000n,
    programPath: programPath ?? STACK + BigInt(stack.length - 18),
  })
  const read = readCoreHead(core)
  assert.ok('head' in read)
  const dumped = new DumpedMemory(read.head)
  const memory: ReadMemory = async (address, lengthBytes) => {
    const range = dumped.at(address, lengthBytes)
    return range && core.subarray(range.offset, range.offset + range.lengthBytes)
  }
  return await environmentIn(read.head, memory)
}

it('environmentIn() is what stands before the path of the program', async () => {
  const variables = (await environmentOf('\0shop\0--verbose\0HOME=/\0DB_PASSWORD=hunter2hunter2\0')).split(
    '\0',
  )
  assert.deepEqual(variables.slice(-4), ['shop', '--verbose', 'HOME=/', 'DB_PASSWORD=hunter2hunter2'])
})

it('environmentIn() has the last of very much, and what lies before it does not hide it', async () => {
  const stack = Buffer.alloc(256 * 1024, Buffer.from('112233445500', 'hex'))
  const environment = Buffer.concat([stack, Buffer.from('\0\0DB_PASSWORD=hunter2hunter2\0')])
  const variables = (await environmentOf(environment, 512 * 1024)).split('\0')
  assert.equal(variables.at(-1), 'DB_PASSWORD=hunter2hunter2')
  assert.equal(variables.length, 4096)
})

it('environmentIn() is empty where a core does not say where it is, or says something else', async () => {
  for (const programPath of [0n, STACK, STACK + 8192n, (1n << 64n) - 1n])
    assert.equal(await environmentOf('HOME=/\0', 8192, programPath), '')
})
