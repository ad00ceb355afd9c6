import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { CoreHead } from '../../crash/core-head.ts'
import { readCoreHead } from '../../crash/core-head.ts'
import { buildIdIn, crashSite, firstPageOf } from '../../crash/crash-site.ts'
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
  const module = head.files.at(-1)
  const range = module === undefined ? null : firstPageOf(module, head)
  const page = range === null ? null : elfCore(parts).subarray(range.offset, range.offset + range.lengthBytes)
  return crashSite(head, program, signal, page)
}

it('crashSite() names the file, the offset in it, and its build', () => {
  const { signature, ...site } = siteOf(server)
  assert.match(signature ?? '', /^[0-9a-f]{16}$/)
  assert.deepEqual(site, { module: '/app/server', offset: '0x2010', buildId: BUILD_ID.toString('hex') })
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
  { name: 'another signal', site: siteOf(server, '/app/server', 6) },
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

it('firstPageOf() is null when the page was not dumped', () => {
  const head = headOf({ ...server, memory: [{ address: 0x7000_0000n, bytes: Buffer.alloc(0) }] })
  assert.equal(firstPageOf(head.files[1] ?? assert.fail(), head), null)
})

it('buildIdIn() is null for a page that is no ELF file, and for one cut short', () => {
  assert.deepEqual(
    [buildIdIn(Buffer.alloc(4096)), buildIdIn(elfPage(BUILD_ID).subarray(0, 130))],
    [null, null],
  )
})
