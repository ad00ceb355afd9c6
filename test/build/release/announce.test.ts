import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { it } from 'node:test'
import { announce } from '../../../build/release/announce.ts'
import { releaseFor } from '../../../build/release/release.ts'

it('makes a release of the tag that is there, with all files', async t => {
  const folder = mkdtempSync(path.join(tmpdir(), 'coredog-announce-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const release = { ...releaseFor('ghcr.io/coredog', folder), version: '1.2.3-rc.1' }
  mkdirSync(release.files)
  for (const name of ['b.yaml', 'a.tar']) writeFileSync(path.join(release.files, name), name)
  const said = await announce(release, 'echo')
  assert.equal(
    said,
    `release create v1.2.3-rc.1 --repo=coredog/coredog --verify-tag --title=CoreDog 1.2.3-rc.1 ` +
      `--notes-file=${folder}/notes.md --prerelease ${folder}/files/a.tar ${folder}/files/b.yaml`,
  )
})
