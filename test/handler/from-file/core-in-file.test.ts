import assert from 'node:assert/strict'
import { closeSync, openSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { it, type TestContext } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { readCoreHead } from '../../../crash/core-head.ts'
import { REPORT_SCHEMA } from '../../../crash/report.ts'
import { UntrustedDirectory } from '../../../durable/untrusted-directory.ts'
import { keptStream } from '../../../handler/commands/kept-stream.ts'
import { CorePipe } from '../../../handler/core/core-pipe.ts'
import { codeBelow, NO_CODE, type OpenCode } from '../../../handler/from-file/code-below.ts'
import { beginCrash, crashTime, readCrash } from '../../../handler/from-file/core-in-file.ts'
import { nodeProc } from '../../../handler/identity/proc.ts'
import { heldProcess } from '../../../handler/why/held-process.ts'
import { Why } from '../../../handler/why/why.ts'
import { pipeByteByByte, pipeOf, temporaryFolder } from '../../fakes/core-file.ts'
import { elfCore, elfPage } from '../../fakes/elf-core.ts'
import { fakeProc } from '../../fakes/fake-proc.ts'
import { NO_EXPLAINER } from '../pretended-explainer.ts'
import { explainerHere } from '../why/explainer-here.ts'
import { crashedLibrary } from './crashed-library.ts'

const AT = 1_763_700_000
const DAY = 24 * 3600
/** Of the library's file: note header, `GNU`, and then the build id of three bytes. */
const BUILD_ID_AT = 0x1c8 + 16
const HEAD_BYTES = 4096
/** An instruction that x86 allows the kernel alone, and where such a fault comes from. */
const [HLT, SI_KERNEL] = [0xf4, 128]
/** Offset, address, bytes in the file and in memory of a program header, and what they may claim. */
const HOSTILE = [8, 16, 32, 40].flatMap(field =>
  [0n, 1n, 1n << 20n, (1n << 53n) + 1n, (1n << 64n) - 1n].map(value => [field, value] as const),
)

function seconds(name: string, mtime = AT, ctime = AT): number {
  return crashTime(name, { mtimeMs: mtime * 1000, ctimeMs: ctime * 1000 }).getTime() / 1000
}

it('crashTime() believes a name that the file was written within a day of', () => {
  assert.equal(seconds(`core.my app.7.web-0.${AT - 90}`), AT - 90)
  assert.equal(seconds(`core.my app.7.web-0.${AT - DAY - 1}`), AT)
  assert.equal(seconds(`core.my app.7.web-0.${AT + DAY + 1}`), AT)
})

it('crashTime() takes the time of the last write where the name says none', () => {
  for (const name of ['core', 'core.7', 'core.176370000', 'core.17637000000', `core.${AT}.gz`])
    assert.equal(seconds(name, AT - 5), AT - 5, name)
})

it('crashTime() believes no last write that is far ahead of the last change, nor one before 1970', () => {
  assert.equal(seconds('core', AT + DAY + 1), AT)
  assert.equal(seconds('core', -5), AT)
  assert.equal(seconds('core', 253_402_300_800), AT)
})

const CORES = path.resolve(import.meta.dirname, '../../fixtures/cores')

it('readCrash() reads of a 32-bit core of Go what it reads of others', async test => {
  const bytes = gunzipSync(readFileSync(path.join(CORES, 'go-386.core.gz')))
  const stats = { size: bytes.length, blocks: 32, mtimeMs: AT * 1000, ctimeMs: AT * 1000 }
  const begun = await beginCrash({ pipe: pipeOf(test, bytes), stats, path: 'core' })
  const crash = { ...begun, identity: null }
  const { site, args, observed, core } = await readCrash(crash, NO_CODE, NO_EXPLAINER)
  assert.deepEqual(site, {
    module: '/app/shop',
    offset: '0x79b50',
    address: '0x80c1b50',
    buildId: '4d8947792c0ff3eb4a037e55131cd30d1e7229a4',
  })
  assert.deepEqual([args.comm, args.signal, observed.executable], ['shop', 6, '/app/shop'])
  const { pid, threadId, threads, stackPointers } = core.head ?? assert.fail()
  assert.deepEqual([pid, threadId, threads], [20279, 20279, 3])
  assert.deepEqual(stackPointers, [0x8411330n, 0x845deccn, 0x8427eb4n])
})

/** What is said of a core in a file of which there are `bytes`. */
async function explained(test: TestContext, { root, bytes }: { root: string; bytes: Buffer }) {
  await using directory = await UntrustedDirectory.open(root)
  const stats = { size: bytes.length, blocks: 32, mtimeMs: AT * 1000, ctimeMs: AT * 1000 }
  const begun = await beginCrash({ pipe: pipeOf(test, bytes), stats, path: 'core' })
  const open = codeBelow(directory, nodeProc(60))
  const crash = await readCrash({ ...begun, identity: null }, open, explainerHere)
  const { crash: said } = await crash.why.explained({ schema: REPORT_SCHEMA, id: '3f2a9c01d4e5' })
  return said ?? {}
}

it('readCrash() finds out why by the core and the files of code', async t => {
  const { root, core } = crashedLibrary(t)
  const { reasonCode, frames = [] } = await explained(t, { root, bytes: core })
  assert.equal(reasonCode, 'null-pointer')
  assert.deepEqual(
    frames.map(({ function: name, trust }) => [name, trust]),
    [
      ['hidden', 'context'],
      ['versioned', 'cfi'],
    ],
  )
})

it('readCrash() uses no file of another build, and says where it crashed by the core alone', async t => {
  const { root, file, library, core } = crashedLibrary(t)
  const other = Buffer.from(library)
  other.write('?', BUILD_ID_AT)
  writeFileSync(file, other)
  const { reasonCode, frames } = await explained(t, { root, bytes: core })
  assert.equal(reasonCode, 'null-pointer')
  const [frame] = frames ?? []
  assert.deepEqual(
    [frame?.function, frame?.address, frame?.module],
    [undefined, '0x41f', '/opt/app/functions.so'],
  )
  assert.equal(frame?.buildId, library.toString('hex', BUILD_ID_AT, BUILD_ID_AT + 3))
})

/** The process ran the library as it was built without a build id, and had `moreBytes` mapped; `change` makes what lies there now. */
async function withoutBuildId(test: TestContext, change: (there: Buffer) => Buffer, moreBytes = 0n) {
  const { root, file, library, parts } = crashedLibrary(test)
  const built = Buffer.from(library)
  built.write('ODD', BUILD_ID_AT - 4)
  writeFileSync(file, change(Buffer.from(built)))
  const [code, ...rest] = parts.memory
  assert.ok(code)
  const memory = [{ ...code, bytes: built.subarray(0, 4096) }, ...rest]
  const files = parts.files.map(range => ({ ...range, end: range.end + moreBytes }))
  const { frames = [] } = await explained(test, { root, bytes: elfCore({ ...parts, files, memory }) })
  return frames.map(({ function: name, buildId }) => [name, buildId])
}

it('readCrash() uses a file without a build id whose first page is the one in the core', async t => {
  const frames = await withoutBuildId(t, built => built)
  assert.deepEqual(frames, [
    ['hidden', undefined],
    ['versioned', undefined],
  ])
})

it('readCrash() uses no file without a build id that is another one, or shorter than what was mapped', async t => {
  assert.deepEqual(
    await withoutBuildId(t, built => {
      built.writeUInt8(built.readUInt8(4095) ^ 1, 4095)
      return built
    }),
    [],
  )
  assert.deepEqual(await withoutBuildId(t, built => built, 0x10_0000n), [])
})

it('readCrash() says as much as is left of a core, wherever it was cut', async t => {
  const { root, core } = crashedLibrary(t)
  for (const bytes of [1, 64, 512])
    assert.match((await explained(t, { root, bytes: core.subarray(0, bytes) })).unexplained ?? '', /no core/)
  for (let bytes = HEAD_BYTES; bytes <= core.length; bytes += 2048) {
    const { reasonCode } = await explained(t, { root, bytes: core.subarray(0, bytes) })
    assert.equal(reasonCode, 'null-pointer', `${bytes} bytes`)
  }
})

it('readCrash() survives a head that promises what is not there', async t => {
  const { root, parts, core } = crashedLibrary(t)
  for (const segment of [1, 2, 3])
    for (const [field, value] of HOSTILE) {
      const forged = Buffer.from(core)
      forged.writeBigUInt64LE(value, 64 + 56 * segment + field)
      await explained(t, { root, bytes: forged })
    }
  const everywhere = parts.memory.map(memory => ({ ...memory, address: 0n, memoryBytes: 2 ** 47 }))
  const { reasonCode } = await explained(t, { root, bytes: elfCore({ ...parts, memory: everywhere }) })
  assert.equal(reasonCode, 'null-pointer')
})

it('readCrash() survives a file that another one takes the place of meanwhile', async t => {
  const { core } = crashedLibrary(t)
  const file = path.join(temporaryFolder(t), 'core')
  writeFileSync(file, core)
  const pipe = new CorePipe(openSync(file, 'r'))
  t.after(() => pipe.close())
  const stats = { size: core.length, blocks: 32, mtimeMs: AT * 1000, ctimeMs: AT * 1000 }
  const begun = await beginCrash({ pipe, stats, path: 'core' })
  const changed = async () => {
    truncateSync(file, 0)
    return null
  }
  const crash = await readCrash({ ...begun, identity: null }, changed, explainerHere)
  const { crash: said } = await crash.why.explained({ schema: REPORT_SCHEMA, id: '3f2a9c01d4e5' })
  assert.equal(said?.reasonCode, 'null-pointer')
})

it('readCrash() says what is said of a held process, and of a core that comes byte by byte', async t => {
  const { root, file, parts, core } = crashedLibrary(t)
  const kept = await keptStream(pipeByteByByte(t, core), Number.POSITIVE_INFINITY)
  const bytes = readFileSync(`/proc/self/fd/${kept}`)
  closeSync(kept)
  const held = await explainedHeld({ file, parts, core })
  assert.equal(held.frames?.length, 2)
  assert.match(held.fingerprint ?? '', /^v2:/)
  assert.match(held.site ?? '', /./)
  assert.deepEqual(await explained(t, { root, bytes: core }), held)
  assert.deepEqual(await explained(t, { root, bytes }), held)
})

/** What is said while the process is there: its memory, and its file by a mapping. */
async function explainedHeld({
  file,
  parts,
  core,
}: Omit<ReturnType<typeof crashedLibrary>, 'root' | 'library'>) {
  const read = readCoreHead(core)
  const head = 'head' in read ? read.head : assert.fail()
  const proc = {
    ...fakeProc({}),
    memory: async (_: string, at: bigint, lengthBytes: number) => {
      const held = parts.memory.find(
        ({ address, bytes }) => at >= address && at < address + BigInt(bytes.length),
      )
      const from = Number(at - (held?.address ?? 0n))
      return held?.bytes.subarray(from, from + lengthBytes) ?? null
    },
    open: async () => ({ fd: openSync(file, 'r'), sizeBytes: statSync(file).size }),
  }
  const args = { pid: 4242, comm: 'app', crashedAt: null, signal: 11 }
  const crashed = { args, observed: {}, call: null, head, owner: { workload: '', container: '' } }
  const why = await Why.of(crashed, heldProcess(args, head, proc), explainerHere())
  return (await why.explained({ schema: REPORT_SCHEMA, id: '3f2a9c01d4e5' })).crash ?? {}
}

it('readCrash() knows abort() of a first process by the code of libc, which is in no core', async t => {
  const [folder, path] = [temporaryFolder(t), '/libc.so.6']
  const page = elfPage(Buffer.alloc(20, 'id'))
  writeFileSync(`${folder}${path}`, Buffer.concat([page, Buffer.alloc(4096, HLT)]))
  const start = 0x7f00_0000_0000n
  const bytes = elfCore({
    pid: 1,
    signal: { number: 11, code: SI_KERNEL, address: 0n },
    instruction: start + 4096n,
    files: [{ start, end: start + 8192n, pages: 0n, path }],
    memory: [{ address: start, bytes: page, memoryBytes: 8192, flags: 5 }],
  })
  const stats = { size: bytes.length, blocks: 32, mtimeMs: AT * 1000, ctimeMs: AT * 1000 }
  const callBy = async (open: OpenCode) => {
    const begun = await beginCrash({ pipe: pipeOf(t, bytes), stats, path: 'core' })
    const crash = await readCrash({ ...begun, identity: null }, open, NO_EXPLAINER)
    await crash.why.close()
    return crash.call
  }
  await using directory = await UntrustedDirectory.open(folder)
  assert.equal(await callBy(codeBelow(directory, nodeProc(60))), 'abort()')
  assert.equal(await callBy(NO_CODE), null)
})

it('readCrash() says of a 32-bit core the reason alone', async t => {
  const bytes = gunzipSync(readFileSync(path.join(CORES, 'go-386.core.gz')))
  const { reasonCode, frames, site } = await explained(t, { root: temporaryFolder(t), bytes })
  assert.deepEqual([typeof reasonCode, frames, site], ['string', undefined, undefined])
})
