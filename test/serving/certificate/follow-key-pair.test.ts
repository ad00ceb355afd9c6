import assert from 'node:assert/strict'
import path from 'node:path'
import { it } from 'node:test'
import { pino } from 'pino'
import { followKeyPair } from '../../../serving/certificate/follow-key-pair.ts'
import { DEFAULT_KEY_FILES } from '../../../serving/certificate/key-files.ts'
import type { KeyPair } from '../../../serving/certificate/key-pair.ts'

const KUBE = path.join(import.meta.dirname, '../../fixtures/kube')
const PLACES = {
  ...DEFAULT_KEY_FILES,
  usual: DEFAULT_KEY_FILES,
  service: 'coredog-webhook',
  secret: 'coredog-webhook-certificate',
  owner: 'coredog-webhook',
  callers: [],
}
const log = pino({ level: 'silent' })
const noPair = () => assert.fail('there is none')

it('followKeyPair() says what to do where there is neither a pair nor a cluster', async () => {
  await assert.rejects(
    followKeyPair(PLACES, null, noPair, log, new AbortController().signal),
    /this is not a pod of Kubernetes/,
  )
})

it('followKeyPair() takes the pair that the operator named', async () => {
  const files = { certFile: path.join(KUBE, 'certificate.pem'), keyFile: path.join(KUBE, 'key.pem') }
  const end = new AbortController()
  const found: KeyPair[] = []
  const onKeyPair = (pair: KeyPair) => {
    found.push(pair)
    end.abort()
  }
  await followKeyPair({ ...PLACES, ...files }, null, onKeyPair, log, end.signal)
  assert.match(found[0]?.certificate ?? '', /BEGIN CERTIFICATE/)
})

it('followKeyPair() waits for files that the operator named, and makes no pair instead', async () => {
  const end = new AbortController()
  const lines: string[] = []
  const writing = {
    write: (line: string) => {
      lines.push(JSON.parse(line).msg)
      end.abort()
    },
  }
  const places = { ...PLACES, certFile: '/nowhere/tls.crt' }
  await followKeyPair(places, null, noPair, pino({}, writing), end.signal)
  assert.deepEqual(lines, ['certificate refused'])
})
