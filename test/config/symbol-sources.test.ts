import assert from 'node:assert/strict'
import { it } from 'node:test'
import { parseConfig } from '../../config/parse-config.ts'
import { symbolSource } from '../../config/symbol-sources.ts'

it('symbolSource() takes folders of the store, and servers', () => {
  const folder = (prefix: string) => ({ kind: 'folder', prefix })
  assert.deepEqual(symbolSource('_symbols'), folder('_symbols'))
  assert.deepEqual(symbolSource('shared/_symbols/'), folder('shared/_symbols'))
  const url = 'https://debuginfod.example/of/shop'
  assert.deepEqual(symbolSource(`${url}/`), { kind: 'server', url })
  assert.deepEqual(symbolSource('HTTP://debuginfod:8002'), { kind: 'server', url: 'http://debuginfod:8002' })
})

const WRONG = [
  ...['', '/', '/etc', '..', 'a/../b', 'a//b', 'a b', '{pod.name}', 'x'.repeat(2000)],
  ...[
    'https://',
    'https://user:secret@host',
    'https://host/?a=b',
    'https://host/#a',
    'ftp://host',
    'file:///tmp',
  ],
]
for (const text of WRONG)
  it(`symbolSource() does not take ${JSON.stringify(text.slice(0, 40))}`, () => {
    assert.equal(symbolSource(text), null)
  })

it('parseConfig() has them in their order, and says where one is wrong', () => {
  const store = 'StorageConfig: {S3Bucket: crashes, s3Region: eu-central-1}\n'
  const { config } = parseConfig(`${store}symbols: [_symbols, 'https://debuginfod.example']`)
  assert.deepEqual(config.symbols, [
    { kind: 'folder', prefix: '_symbols' },
    { kind: 'server', url: 'https://debuginfod.example' },
  ])
  assert.deepEqual(parseConfig(store).config.symbols, [])
  assert.deepEqual(parseConfig(`${store}symbols: _symbols`).config.symbols.length, 1)
  assert.throws(() => parseConfig(`${store}symbols: ['https://me:secret@host']`), /symbols.*password/)
})

it('parseConfig() warns of a folder that has StoreDir in it, as --to of symbols upload has', () => {
  const warnings = (symbols: string) =>
    parseConfig(`StorageConfig: {S3Bucket: crashes, s3Region: eu-central-1}\nsymbols: [${symbols}]`).warnings
  const [warning, ...others] = warnings('corefiles/_symbols')
  assert.match(warning?.message ?? '', /:2: symbols has .* asked as "corefiles\/corefiles\/_symbols"$/)
  assert.deepEqual([...others, ...warnings('_symbols, corefiles2/x, https://a.example')], [])
})
