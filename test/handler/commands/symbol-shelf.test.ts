import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, it } from 'node:test'
import { openShelf, type ShelfOptions } from '../../../handler/commands/symbol-shelf.ts'

const DIR = mkdtempSync(path.join(tmpdir(), 'coredog-shelf-'))
after(() => rmSync(DIR, { recursive: true }))
const CONFIG = path.join(DIR, 'coredog.yaml')

it('openShelf() makes the directory that --output names', async () => {
  const output = path.join(DIR, 'a/b')
  const { store, prefix } = await opened({ output })
  await store.put(`${prefix}x`, [Buffer.from('y')], 1)
  assert.equal(readFileSync(path.join(output, 'x'), 'utf8'), 'y')
})

it('openShelf() has the first folder that the configuration names', async () => {
  configure("symbols: ['https://debuginfod.example', _symbols, others]")
  const { store, prefix } = await opened({})
  assert.deepEqual([prefix, store.location(prefix)], ['_symbols', `cfs://${DIR}/corefiles/_symbols`])
})

it('openShelf() says what is missing where the configuration names none', async () => {
  configure('symbols: https://debuginfod.example')
  await assert.rejects(opened({}), /has no folder in symbols/)
})

it('openShelf() says how else to name a place where there is no configuration', async () => {
  const nowhere = openShelf({ configFile: path.join(DIR, 'nowhere.yaml'), environment: {} })
  await assert.rejects(nowhere, { hint: /--to=s3:\/\/BUCKET\/FOLDER or --output=DIRECTORY/ })
})

it('openShelf() has the bucket that --to names', async () => {
  const environment = { AWS_REGION: 'eu-central-1' }
  const { store, prefix } = await opened({ to: 's3://crashes/corefiles/_symbols', environment })
  assert.equal(store.location(`${prefix}x`), 's3://crashes/corefiles/_symbols/x')
  const root = await opened({
    to: 's3://crashes',
    environment: { AWS_ENDPOINT_URL: 'https://minio.example' },
  })
  assert.equal(root.store.location('x'), 's3://crashes/x')
})

it('openShelf() has advice for who names the store by --to and the environment', async () => {
  const { advice } = await opened({ to: 's3://crashes', environment: { AWS_REGION: 'eu-central-1' } })
  assert.equal(
    advice?.('Set s3AccesskeyID and s3SecretAccessKey in StorageConfig, or give the node a role.'),
    'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give the node a role.',
  )
  configure('symbols: _symbols')
  assert.equal((await opened({})).advice, undefined)
})

it('openShelf() says what is wrong with --to', async () => {
  await assert.rejects(opened({ to: 'crashes/x' }), /"crashes\/x": it is no bucket/)
  await assert.rejects(opened({ to: 's3://crashes/x' }), { hint: /AWS_REGION/ })
  const environment = { AWS_REGION: 'eu-central-1' }
  await assert.rejects(opened({ to: 's3://crashes/../x', environment }), /StoreDir/)
})

function configure(symbols: string): void {
  writeFileSync(CONFIG, `StorageConfig: {protocol: cfs, CFSMountPath: ${DIR}}\n${symbols}\n`)
}

async function opened(options: Partial<ShelfOptions>) {
  return await openShelf({ configFile: CONFIG, environment: {}, ...options })
}
