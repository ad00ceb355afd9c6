import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { it } from 'node:test'
import { PLAIN_NETWORK } from '../../../network/network.ts'
import { tellReceiver } from '../../../notify/tell-receiver.ts'
import { documentOf } from '../../docs/documents.ts'
import { temporaryFolder } from '../../fakes/core-file.ts'
import { sampleNotification } from '../sample-notification.ts'
import { told } from './samples.ts'

// The second one is that of the example in the same document.
const SECRETS = ['a-secret-of-the-document', 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw']
const [{ text: receiver } = { text: '' }] = documentOf('docs/destinations.md').blocks.filter(
  ({ language }) => language === 'js',
)

for (const SECRET of SECRETS)
  it(`the receiver of docs/destinations.md takes what is signed by ${SECRET}, and nothing else`, {
    timeout: 120_000,
  }, async t => {
    const file = path.join(temporaryFolder(t), 'receiver.mjs')
    assert.ok(receiver.includes('.listen(process.env.PORT)'))
    // On a port that is free, which it says.
    const listening = receiver.replace(
      '.listen(process.env.PORT)',
      '.listen(0, "127.0.0.1", function () { console.log(this.address().port) })',
    )
    writeFileSync(file, listening)
    const child = spawn(process.execPath, [file], { env: { SECRET }, stdio: ['ignore', 'pipe', 'inherit'] })
    t.after(() => child.kill())
    const lines = createInterface(child.stdout)
    const [port] = await once(lines, 'line')

    const tell = (secret: string | null, sentAt = new Date()) => {
      const url = `http://127.0.0.1:${port}/`
      const telling = { ...told(sampleNotification()), now: sentAt }
      const config = { kind: 'webhook', url, headers: {}, secret } as const
      return tellReceiver(config, telling, { network: PLAIN_NETWORK }, AbortSignal.timeout(60_000))
    }
    const line = once(lines, 'line')
    assert.deepEqual(await tell(SECRET), { kind: 'ok' })
    assert.deepEqual(await line, ['io.coredog.crash.v1 prod/web-0 SIGSEGV undefined'])
    const refused = [await tell(null), await tell('another-secret-of-some'), await tell(SECRET, new Date(0))]
    assert.deepEqual(
      refused.map(verdict => 'reason' in verdict && verdict.reason),
      Array(3).fill('it answered with HTTP 401'),
    )
  })
