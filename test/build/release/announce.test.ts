import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { it, type TestContext } from 'node:test'
import { announce } from '../../../build/release/announce.ts'
import { releaseFor } from '../../../build/release/release.ts'

const NOT_FOUND = "echo 'release not found' >&2; exit 1"

/** What GitHub's program is asked, one call a line, when `view` of it does that. */
async function asked(t: TestContext, view: string): Promise<string> {
  const folder = mkdtempSync(path.join(tmpdir(), 'coredog-announce-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const release = { ...releaseFor('ghcr.io/coredog', folder), version: '1.2.3-rc.1' }
  mkdirSync(release.files)
  for (const name of ['b.yaml', 'a.tar']) writeFileSync(path.join(release.files, name), name)
  const gh = path.join(folder, 'gh')
  const script = `#!/bin/sh\necho "$*" >>${folder}/asked\n[ "$2" != view ] || { ${view}; }\n`
  writeFileSync(gh, script, { mode: 0o755 })
  await announce(release, gh)
  return readFileSync(path.join(folder, 'asked'), 'utf8').replaceAll(folder, '')
}

it('makes a release of the tag that is there, with all files', async t => {
  assert.equal(
    await asked(t, NOT_FOUND),
    `release view v1.2.3-rc.1 --repo=coredog/coredog
release create v1.2.3-rc.1 --repo=coredog/coredog --verify-tag --title=CoreDog 1.2.3-rc.1 --notes-file=/notes.md --prerelease /files/a.tar /files/b.yaml
`,
  )
})

it('completes one that is there, however much of it is', async t => {
  assert.equal(
    await asked(t, 'exit 0'),
    `release view v1.2.3-rc.1 --repo=coredog/coredog
release upload v1.2.3-rc.1 --repo=coredog/coredog --clobber /files/a.tar /files/b.yaml
release edit v1.2.3-rc.1 --repo=coredog/coredog --draft=false --title=CoreDog 1.2.3-rc.1 --notes-file=/notes.md --prerelease
`,
  )
})

it('makes none where GitHub does not say whether there is one', async t => {
  await assert.rejects(asked(t, "echo 'HTTP 503' >&2; exit 1"), /HTTP 503/)
})
