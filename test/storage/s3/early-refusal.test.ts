import assert from 'node:assert/strict'
import { it } from 'node:test'
import { findProgram } from '../../installed-program.ts'
import { NO_GATEWAY, startVersityGateway } from '../../real-s3.ts'
import { s3StoreOf } from './s3-store-of.ts'

const skip = findProgram('versitygw') === null && NO_GATEWAY

it('S3Store hears at the first try why a store refuses what it has not read', { skip }, async t => {
  const server = (await startVersityGateway()) ?? assert.fail(NO_GATEWAY)
  t.after(server.close)
  const credentials = { ...server.credentials, secretAccessKey: 'wrong' }
  const store = s3StoreOf({ ...server, credentials }, {}, { attempts: 1 })
  const bytes = Buffer.alloc(8 * 2 ** 20 - 1)
  for (let times = 0; times < 20; times += 1)
    await assert.rejects(store.put('core', [bytes], bytes.length), /the store refuses the signature/)
})
