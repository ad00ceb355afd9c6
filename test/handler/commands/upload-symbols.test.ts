import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, it } from 'node:test'
import { OperatorError } from '../../../crash/errors.ts'
import { buildIdInSections } from '../../../crash/symbols/build-id.ts'
import { Symbols } from '../../../crash/symbols/function-at.ts'
import { type Uploaded, uploadSymbols } from '../../../handler/commands/upload-symbols.ts'
import { withBuildId } from '../../crash/symbol-file/with-build-id.ts'
import { fixture, imageOf } from '../../crash/symbols/fixture.ts'
import { MemorySink, RefusingSink } from '../../fakes/memory-sink.ts'

const DIR = mkdtempSync(path.join(tmpdir(), 'coredog-upload-'))
after(() => rmSync(DIR, { recursive: true }))

const BUILD_ID = '0123456789abcdef0123456789abcdef01234567'
const PLACE = `buildid/${BUILD_ID}/debuginfo`

it('uploadSymbols() keeps names and lines where debuginfod has them', async () => {
  const store = new MemorySink()
  const file = written('program', program())
  const [one, ...others] = await uploaded([file], store, '_symbols')
  const kept = store.objects.get(`_symbols/${PLACE}`)!
  const { wholeBytes, ...known } = one ?? {}
  assert.deepEqual(others, [])
  assert.deepEqual(known, {
    ...{ file, buildId: BUILD_ID, functionCount: 3, hasLines: true, bytes: kept.length },
    url: `memory://_symbols/${PLACE}`,
  })
  assert.equal(wholeBytes, program().length)
  assert.equal(buildIdInSections(imageOf(kept)), BUILD_ID)
  assert.equal(new Symbols(imageOf(kept)).functionAt(0x260n)?.line, 6)
})

it('uploadSymbols() takes of a folder what has symbols, and says nothing of the rest', async () => {
  const folder = path.join(DIR, 'folder')
  mkdirSync(path.join(folder, 'lib'), { recursive: true })
  written('folder/README', Buffer.from('text'))
  written('folder/lib/one.so', program())
  const store = new MemorySink()
  const files = (await uploaded([folder], store, '')).map(({ file }) => file)
  assert.deepEqual(files, [path.join(folder, 'lib/one.so')])
  assert.deepEqual([...store.objects.keys()], [PLACE])
})

it('uploadSymbols() goes on behind a file that it cannot keep, and says why', async () => {
  const odd = written('odd', program('c0ffee'))
  const [missing, text, short, good] = await uploaded(
    [path.join(DIR, 'nowhere'), written('text', Buffer.from('text')), odd, written('good', program())],
    new MemorySink(),
  )
  assert.match(missing?.problem ?? '', /ENOENT/)
  assert.match(text?.problem ?? '', /no ELF file/)
  assert.match(short?.problem ?? '', /build id "c0ffee" is none/)
  for (const { hint } of [missing, text, short].filter(one => one !== undefined))
    assert.match(hint ?? '', /\.$/)
  assert.equal(good?.problem, undefined)
})

it('uploadSymbols() says what a store says that takes none, and asks it no second time', async () => {
  const file = written('refused', program())
  const [one, ...others] = await uploaded([file, file], new RefusingSink(0))
  assert.match(one?.problem ?? '', /403 Forbidden/)
  assert.deepEqual([one?.isRefused, others], [true, []])
})

it('uploadSymbols() has the hint of a store in the words of the shelf', async () => {
  const refused = new OperatorError('refused', 'Correct s3SecretAccessKey in StorageConfig.')
  const store = { put: () => Promise.reject(refused), location: String }
  const shelf = { store, prefix: '', advice: (hint: string) => hint.toUpperCase() }
  const hints: unknown[] = []
  for await (const { hint } of uploadSymbols([written('advised', program())], shelf)) hints.push(hint)
  assert.deepEqual(hints, ['CORRECT S3SECRETACCESSKEY IN STORAGECONFIG.'])
})

async function uploaded(
  files: readonly string[],
  store: MemorySink,
  prefix = '',
): Promise<readonly Uploaded[]> {
  const all: Uploaded[] = []
  for await (const one of uploadSymbols(files, { store, prefix })) all.push(one)
  return all
}

function written(name: string, content: Buffer): string {
  const file = path.join(DIR, name)
  writeFileSync(file, content)
  return file
}

/** The fixture has a build id of three bytes. */
function program(buildId = BUILD_ID): Buffer {
  return withBuildId(fixture('lines-dwarf-5.so'), buildId)
}
