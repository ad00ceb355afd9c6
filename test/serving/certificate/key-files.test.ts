import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, it } from 'node:test'
import pino from 'pino'
import { followKeyFiles, haveKeyFiles } from '../../../serving/certificate/key-files.ts'
import type { KeyPair } from '../../../serving/certificate/key-pair.ts'
import { keyPair } from '../../webhook/serving.ts'
import { rounds } from '../rounds.ts'

const OLD = keyPair('kube')
const NEW = keyPair('webhook')

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'coredog-webhook-'))
})
afterEach(() => rm(folder, { recursive: true }))

it('followKeyFiles() hands on the pair, and another one when the files change', async () => {
  await write(OLD)
  const { pairs } = await follow(
    () => undefined,
    () => write(NEW),
  )
  assert.deepEqual(pairs, [OLD, NEW])
})

it('followKeyFiles() keeps the pair while the files are half replaced, broken or gone, and says so once', async () => {
  await write(OLD)
  const { pairs, reasons, text } = await follow(
    () => write({ certificate: NEW.certificate, key: OLD.key }),
    () => undefined,
    () => write({ certificate: 'no PEM', key: OLD.key }),
    () => rm(path.join(folder, 'tls.key')),
    () => write(NEW),
  )
  assert.deepEqual(pairs, [OLD, NEW])
  assert.equal(reasons.length, 3)
  assert.match(reasons[0] ?? '', /the key belongs to another one/)
  assert.match(reasons[1] ?? '', /Cannot use certificate/)
  assert.match(reasons[2] ?? '', /tls\.key": ENOENT/)
  assert.ok(!text.includes(OLD.key.slice(40, 80)))
})

it('haveKeyFiles() is true once both are there', async () => {
  const found = [await haveKeyFiles(files())]
  await writeFile(files().certFile, '')
  found.push(await haveKeyFiles(files()))
  await write(OLD)
  assert.deepEqual([...found, await haveKeyFiles(files())], [false, false, true])
})

function files() {
  return { certFile: path.join(folder, 'tls.crt'), keyFile: path.join(folder, 'tls.key') }
}

async function write({ certificate, key }: KeyPair): Promise<void> {
  await writeFile(files().certFile, certificate)
  await writeFile(files().keyFile, key)
}

async function follow(...changes: readonly (() => unknown)[]) {
  const pairs: KeyPair[] = []
  const lines: string[] = []
  const ending = new AbortController()
  const log = pino({}, { write: (line: string) => void lines.push(line) })
  await followKeyFiles(files(), pair => void pairs.push(pair), log, ending.signal, rounds(ending, ...changes))
  return { pairs, reasons: lines.map(line => String(JSON.parse(line).reason)), text: lines.join('') }
}
