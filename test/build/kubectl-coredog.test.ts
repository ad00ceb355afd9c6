import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, describe, it } from 'node:test'
import { bundleOneFile } from '../../build/kubectl-coredog.ts'
import { VERSION } from '../../crash/version.ts'

describe('bundleOneFile()', () => {
  let folder: string
  let program: string
  let files: readonly string[]

  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'coredog-one-file-'))
    program = path.join(folder, 'kubectl-coredog.js')
    files = await bundleOneFile(program)
    // Nothing beside it.
    for (const name of readdirSync(folder))
      if (name.endsWith('.cjs') && name !== 'main.cjs') rmSync(path.join(folder, name))
  })
  after(() => rmSync(folder, { recursive: true, force: true }))

  function run(args: readonly string[], node: readonly string[] = []) {
    // From a folder whose packages it must not need.
    return spawnSync(process.execPath, [...node, program, ...args], { encoding: 'utf8', cwd: '/' })
  }

  it('makes a program that is one file', () => {
    const { status, stdout, stderr } = run(['--version'])
    assert.deepEqual([status, stdout, stderr], [0, `${VERSION}\n`, ''])
  })

  it('has what only some commands need as texts, which --help does not parse', () => {
    const main = readFileSync(path.join(folder, 'main.cjs'), 'utf8')
    assert.ok(main.includes('require("script:kube-config")'))
    for (const inside of [
      'UND_ERR_HEADERS_TIMEOUT',
      'certificate-authority-data',
      'AWS4-HMAC-SHA256',
      'BLOCK_FOLDED',
    ])
      assert.ok(!main.includes(inside), `main is without what has "${inside}"`)
    assert.ok(files.some(file => file.includes('/node_modules/@kubernetes/client-node/')))
  })

  it('runs below a package.json of ES modules, as ours is', () => {
    writeFileSync(path.join(folder, 'package.json'), '{"type":"module"}')
    const { status, stdout, stderr } = run(['--version'])
    rmSync(path.join(folder, 'package.json'))
    assert.deepEqual([status, stdout, stderr], [0, `${VERSION}\n`, ''])
  })

  it('has all that it asks for', () => {
    const script = /require\("script:([\w-]+)"\)/g
    const texts = readFileSync(program, 'utf8')
    const main = readFileSync(path.join(folder, 'main.cjs'), 'utf8')
    for (const [, name = ''] of main.matchAll(script)) assert.match(texts, RegExp(`["']?${name}["']?:"`))
  })

  it('loads the kubeconfig when it is asked for', () => {
    const config = path.join(folder, 'none.yaml')
    const { status, stderr } = run(['list', '--kubeconfig', config])
    assert.doesNotMatch(stderr, /it is not in this file|Cannot load/)
    assert.notEqual(status, 0)
  })

  it('says what it needs where Node is too old', () => {
    const old = path.join(folder, 'old.cjs')
    const versions = `{ ...process.versions, node: '22.14.0' }`
    writeFileSync(old, `Object.defineProperty(process, 'versions', { value: ${versions} })`)
    const { status, stderr } = run(['--version'], ['--require', old])
    assert.equal(status, 1)
    assert.match(stderr, /^Cannot run kubectl-coredog: it needs Node\.js 22\.15 or newer, and this is v\d/)
  })
})
