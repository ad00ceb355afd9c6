import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, describe, it } from 'node:test'
import { execa } from 'execa'
import { parse } from 'yaml'
import { writePlugin } from '../../../build/release/pack-plugin.ts'
import { archiveFor, type Content, WITH_NODE } from '../../../build/release/plugin-archives.ts'
import { FILE_NAMES } from '../../../build/release/release.ts'
import { missingProgram } from './missing-program.ts'

const VERSION = '1.2.3'
const lacks = missingProgram('krew')
const skip = lacks !== null && 'there is no krew here: .ci/install-release brings it'

describe('what Krew installs kubectl coredog by', () => {
  let folder: string

  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'coredog-krew-'))
    await writeInto(folder)
  })
  after(() => rmSync(folder, { recursive: true, force: true }))

  it('is the same, byte for byte, whenever it is made', async () => {
    const file = FILE_NAMES.plugin(WITH_NODE.platform)
    const before = readFileSync(path.join(folder, file))
    await writeInto(folder)
    assert.ok(readFileSync(path.join(folder, file)).equals(before))
  })

  it('says a word for each kind of machine, and none twice', () => {
    const { metadata, spec } = parse(readFileSync(path.join(folder, FILE_NAMES.krew), 'utf8'))
    assert.deepEqual([metadata.name, spec.version], ['coredog', 'v1.2.3'])
    assert.ok(spec.shortDescription.length <= 50, spec.shortDescription)
    assert.ok(!spec.shortDescription.includes('\n'))
    const machines = spec.platforms.map(({ selector }: Platform) =>
      Object.values(selector.matchLabels).join(),
    )
    assert.deepEqual(machines, ['linux,amd64', 'linux,arm64', 'darwin,amd64', 'darwin,arm64'])
    for (const { uri } of spec.platforms)
      assert.match(uri, /^https:.*\/v1\.2\.3\/kubectl-coredog-[\w-]+\.tar\.gz$/)
  })

  for (const [os, arch, platform] of [
    ['linux', 'amd64', 'linux-amd64'],
    ['linux', 'arm64', 'linux-arm64'],
    ['darwin', 'arm64', 'node'],
  ] as const) {
    it(`is taken by Krew on ${os}, ${arch}, and the program starts`, { skip }, async () => {
      const root = path.join(folder, `${os}-${arch}`)
      const env = { KREW_ROOT: root, KREW_OS: os, KREW_ARCH: arch }
      const archive = `--archive=${path.join(folder, FILE_NAMES.plugin(platform))}`
      await execa('krew', ['install', `--manifest=${path.join(folder, FILE_NAMES.krew)}`, archive], { env })
      const { stdout } = await execa(path.join(root, 'bin/kubectl-coredog'), ['list'])
      assert.equal(stdout, `${platform}: list`)
      assert.ok(existsSync(path.join(root, 'store/coredog/v1.2.3/LICENSE')))
    })
  }
})

interface Platform {
  readonly selector: { readonly matchLabels: Readonly<Record<string, string>> }
  readonly uri: string
}

/** With something small in the place of the programs. */
async function writeInto(files: string): Promise<void> {
  const archives = [archiveFor('x64'), archiveFor('arm64'), WITH_NODE].map(
    archive => [archive, contentsOf(archive.program, archive.platform)] as const,
  )
  await writePlugin({ files, version: VERSION }, archives, new Date('2026-11-28T12:00:00Z'))
}

function contentsOf(name: string, platform: string): Content[] {
  const content = Buffer.from(`#!/bin/sh\necho "${platform}: $*"\n`)
  return [
    { name, content, mode: 0o755 },
    { name: 'LICENSE', content: Buffer.from('Apache License\n') },
  ]
}
