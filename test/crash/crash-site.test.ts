import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { CoreHead } from '../../crash/core-head.ts'
import { readCoreHead } from '../../crash/core-head.ts'
import { crashSite } from '../../crash/crash-site.ts'
import { modulePageOf } from '../../crash/process-memory.ts'
import { type CoreParts, elfCore, elfPage } from '../fakes/elf-core.ts'

const BUILD_ID = Buffer.from('b1062ad5b479d8f7652392b53cae6170a44d6365', 'hex')
const server: CoreParts = {
  instruction: 0x7000_2010n,
  files: [
    { start: 0x7000_0000n, end: 0x7000_1000n, pages: 0n, path: '/app/server' },
    { start: 0x7000_2000n, end: 0x7000_3000n, pages: 2n, path: '/app/server' },
  ],
  memory: [
    { address: 0x1000_0000n, bytes: Buffer.alloc(4096) },
    { address: 0x7000_0000n, bytes: elfPage(BUILD_ID) },
  ],
}

function headOf(parts: CoreParts): CoreHead {
  const read = readCoreHead(elfCore(parts))
  assert.ok('head' in read)
  return read.head
}

function siteOf(parts: CoreParts, program = '/app/server', signal = 11) {
  const head = headOf(parts)
  const range = modulePageOf(head)?.inCore ?? null
  const page = range === null ? null : elfCore(parts).subarray(range.offset, range.offset + range.lengthBytes)
  return crashSite(head, program, signal, page)
}

it('crashSite() names the file, the offset and the address in it, and its build', () => {
  const { signature, ...site } = siteOf(server)
  assert.match(signature ?? '', /^[0-9a-f]{16}$/)
  assert.deepEqual(site, {
    module: '/app/server',
    offset: '0x2010',
    address: '0x402010',
    buildId: BUILD_ID.toString('hex'),
  })
})

it('crashSite() is the same for two crashes of one build, wherever it was loaded', () => {
  const moved: CoreParts = {
    ...server,
    instruction: 0x9000_2010n,
    files:
      server.files?.map(file => ({
        ...file,
        start: file.start + 0x2000_0000n,
        end: file.end + 0x2000_0000n,
      })) ?? [],
    memory: [{ address: 0x9000_0000n, bytes: elfPage(BUILD_ID) }],
  }
  assert.equal(siteOf(moved).signature, siteOf(server).signature)
})

const different: { name: string; site: ReturnType<typeof siteOf> }[] = [
  { name: 'another instruction', site: siteOf({ ...server, instruction: 0x7000_2014n }) },
  {
    name: 'another signal',
    site: siteOf({ ...server, signal: { number: 7, code: 1, address: 0n } }, '/app/server', 7),
  },
  { name: 'another program', site: siteOf(server, '/app/worker') },
  {
    name: 'another build',
    site: siteOf({ ...server, memory: [{ address: 0x7000_0000n, bytes: elfPage(Buffer.alloc(20)) }] }),
  },
]
for (const { name, site } of different) {
  it(`crashSite() has another signature for ${name}`, () => {
    assert.notEqual(site.signature, siteOf(server).signature)
  })
}

it('crashSite() has no signature when it crashed outside of every file', () => {
  assert.deepEqual(siteOf({ ...server, instruction: 0n }), {})
})

const fault = { number: 11, code: 1, address: 0n }
const SI_TKILL = -6
const at = (path: string): CoreParts => ({
  ...server,
  files: server.files?.map(file => ({ ...file, path })) ?? [],
})
const unsigned: { name: string; site: ReturnType<typeof siteOf> }[] = [
  {
    name: 'abort(), a failed assertion',
    site: siteOf({ ...server, signal: { number: 6, code: SI_TKILL, address: 0n } }, '/app/server', 6),
  },
  { name: 'kill -SEGV from outside', site: siteOf({ ...server, signal: { ...fault, code: 0 } }) },
  { name: 'sigqueue(3)', site: siteOf({ ...server, signal: { ...fault, code: -1 } }) },
  {
    name: "V8's fatal errors, a SIGTRAP",
    site: siteOf({ ...server, signal: { number: 5, code: 128, address: 0n } }, '/app/server', 5),
  },
  {
    name: 'a signal of which the core says nothing',
    site: siteOf({ ...server, signal: { ...fault, number: 7 } }),
  },
  { name: 'strlen of a bad pointer', site: siteOf(at('/usr/lib/x86_64-linux-gnu/libc.so.6')) },
  { name: 'a Python extension that hands over a bad object', site: siteOf(at('/usr/bin/python3.11')) },
  { name: 'a program that was linked with its libc', site: siteOf({ ...server, entry: 0x7000_2000n }) },
  {
    name: 'a file without a build id',
    site: siteOf({ ...server, memory: [{ address: 0x7000_0000n, bytes: Buffer.alloc(4096) }] }),
  },
  {
    name: 'a build that is not known',
    site: siteOf({ ...server, memory: [{ address: 0x7000_0000n, bytes: Buffer.alloc(0) }] }),
  },
]
for (const { name, site } of unsigned) {
  it(`crashSite() says where, but has no signature, for ${name}`, () => {
    assert.deepEqual([site.offset, site.signature], ['0x2010', undefined])
  })
}

it('crashSite() signs a fault in a program that its libc was linked to at run time', () => {
  const memory = [
    { address: 0x7000_0000n, bytes: elfPage(BUILD_ID, { interpreter: '/lib64/ld-linux-x86-64.so.2' }) },
  ]
  assert.notEqual(siteOf({ ...server, entry: 0x7000_2000n, memory }).signature, undefined)
})

it('modulePageOf() says where the page is in memory when it was not dumped', () => {
  const head = headOf({ ...server, memory: [{ address: 0x7000_0000n, bytes: Buffer.alloc(0) }] })
  assert.deepEqual(modulePageOf(head), { address: 0x7000_0000n, lengthBytes: 4096, inCore: null })
})

it('modulePageOf() takes the file that crashed, not another one of its name', () => {
  const files = [
    { start: 0x5000_0000n, end: 0x5000_1000n, pages: 0n, path: '/app/server' },
    ...(server.files ?? []),
    { start: 0x9000_0000n, end: 0x9000_1000n, pages: 0n, path: '/app/server' },
  ]
  assert.equal(modulePageOf(headOf({ ...server, files }))?.address, 0x7000_0000n)
})
