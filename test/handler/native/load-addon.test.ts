import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { it, type TestContext } from 'node:test'
import { ADDON_NAME } from '../../../crash/our-pattern.ts'
import { addonCode } from '../../../handler/native/addon-code.ts'
import { type LoadedAddon, loadAddon } from '../../../handler/native/load-addon.ts'

// Not that of the other tests, which loads it.
const NEEDS_ADDON = { skip: addonCode() === null && 'no addon: `npm run build` makes it' }

function folder(test: TestContext): string {
  const made = mkdtempSync(path.join(tmpdir(), 'coredog-addon-'))
  test.after(() => rmSync(made, { recursive: true, force: true }))
  return made
}

function code(): Buffer {
  return addonCode() ?? assert.fail('there is no addon')
}

function reasonIn(loaded: LoadedAddon): string {
  return 'reason' in loaded ? loaded.reason : assert.fail('it was loaded')
}

// First: the dynamic loader takes a name that it has loaded for the same file.
it('loadAddon() says of each place why it was none', NEEDS_ADDON, t => {
  const broken = Buffer.from('this is no library')
  const reason = reasonIn(loadAddon(broken, { beside: '/no/such', folders: [folder(t), '/proc'] }))
  assert.match(
    reason,
    /^\/no\/such: it is not there; .*coredog-addon-\w+: file too short; \/proc: ENOTSUP: [^;]*$/,
  )
})

it('loadAddon() takes the file beside the handler', NEEDS_ADDON, t => {
  const beside = folder(t)
  writeFileSync(path.join(beside, ADDON_NAME), code())
  const loaded = loadAddon(code(), { beside, folders: [] })
  assert.ok(loaded.exports !== null && 'deflate' in loaded.exports)
  assert.equal(loaded.from, beside)
})

/** What may lie there instead. */
const OTHERS: Readonly<Record<string, readonly [(file: string) => void, RegExp]>> = {
  'one byte is another': [
    file => writeFileSync(file, code().fill(1, 5000, 5001)),
    /: it is of another version$/,
  ],
  'it is longer': [file => writeFileSync(file, Buffer.concat([code(), Buffer.of(0)])), /another version/],
  'it is empty': [file => writeFileSync(file, ''), /another version/],
  'it is a directory': [file => execFileSync('mkdir', [file]), /another version/],
  'it is a pipe that nobody writes to': [file => execFileSync('mkfifo', [file]), /another version/],
  'it is a link': [
    file => {
      writeFileSync(`${file}.real`, code())
      symlinkSync(`${file}.real`, file)
    },
    /ELOOP/,
  ],
  'it is not there': [() => undefined, /: it is not there$/],
}

for (const [what, [put, reason]] of Object.entries(OTHERS)) {
  it(`loadAddon() does not load what is beside the handler where ${what}`, NEEDS_ADDON, t => {
    const beside = folder(t)
    put(path.join(beside, ADDON_NAME))
    assert.match(reasonIn(loadAddon(code(), { beside, folders: [] })), reason)
    const without = loadAddon(code(), { beside, folders: ['/no/such', folder(t)] })
    assert.ok(without.exports !== null)
    assert.match(without.from, /^a file without a name in /)
  })
}

it('loadAddon() leaves no file behind', NEEDS_ADDON, t => {
  const place = folder(t)
  assert.ok(loadAddon(code(), { beside: '/no/such', folders: [place] }).exports !== null)
  assert.deepEqual(readdirSync(place), [])
})
