import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, it } from 'node:test'
import { inspect } from 'node:util'
import { NotFoundError, StoreError } from '../../../storage/errors.ts'
import { S3Store } from '../../../storage/s3/s3-store.ts'
import { type FakeS3, type Fault, faults, startFakeS3 } from '../../fakes/fake-s3.ts'
import type { Operation } from '../../fakes/s3-operations.ts'
import { chunked, Endless } from '../bodies.ts'
import { QUICK, s3StoreOf } from './s3-store-of.ts'

const PART_BYTES = 8 * 1024 * 1024
const threeParts = randomBytes(2 * PART_BYTES + 1000)

/** Expects that the put fails, and gives what it says. Checks what holds for every failure. */
async function failureOf(store: S3Store, secrets: readonly string[], bytes: Uint8Array = Buffer.from('x')) {
  const error = await store.put('ns/core.gz', chunked(bytes, 65_536), bytes.length).then(
    () => assert.fail('the put did not fail'),
    (thrown: unknown) => thrown,
  )
  assert.ok(error instanceof StoreError)
  assert.match(error.message, /^Cannot put "s3:\/\/\w+\/corefiles\/ns\/core\.gz": /)
  assert.match(error.hint, /^[A-Z].*\.$/)
  // All that a log could show of it, causes and their fields included.
  const shown = inspect(error, { depth: 20, showHidden: true })
  for (const secret of secrets) assert.ok(!shown.includes(secret), `${secret} is in ${shown}`)
  return { said: error.message.slice(error.message.indexOf('": ') + 3), hint: error.hint }
}

function secretsOf({ credentials }: FakeS3): string[] {
  return [credentials.accessKeyId, credentials.secretAccessKey, 'Signature=']
}

describe('S3Store.put() is refused', () => {
  interface Refusal {
    readonly name: string
    readonly store: (s3: FakeS3) => S3Store
    readonly said: RegExp
    readonly hint: RegExp
  }
  const wrongKey = { accessKeyId: 'AKIAWRONGWRONGWRONG', secretAccessKey: 'wrong' }
  const refusals: Refusal[] = [
    {
      name: 'for an access key that is not known',
      store: s3 => s3StoreOf(s3, { credentials: wrongKey }),
      said: /^the store does not know the access key \(InvalidAccessKeyId, HTTP 403\)$/,
      hint: /s3AccesskeyID/,
    },
    {
      name: 'for a wrong secret',
      store: s3 => s3StoreOf(s3, { credentials: { ...s3.credentials, secretAccessKey: 'wrong' } }),
      said: /^the store refuses the signature \(SignatureDoesNotMatch, HTTP 403\)$/,
      hint: /s3SecretAccessKey/,
    },
    {
      name: 'for a bucket that does not exist',
      store: s3 => s3StoreOf(s3, { bucket: 'nowhere' }),
      said: /^the bucket does not exist \(NoSuchBucket, HTTP 404\)$/,
      hint: /Create the bucket/,
    },
    {
      name: 'for another region',
      store: s3 => s3StoreOf(s3, { region: 'mars-1' }),
      said: /^the request was signed for another region \(AuthorizationHeaderMalformed, HTTP 400\)$/,
      hint: /s3Region/,
    },
  ]
  for (const { name, store, said, hint } of refusals) {
    it(name, async () => {
      await using s3 = await startFakeS3()
      const failure = await failureOf(store(s3), [...secretsOf(s3), wrongKey.accessKeyId])
      assert.match(failure.said, said)
      assert.match(failure.hint, hint)
    })
  }

  const answers: { name: string; fault: Fault; said: RegExp; hint: RegExp }[] = [
    {
      name: 'without a right to write',
      fault: faults.refuse(403, 'AccessDenied', 'Access Denied'),
      said: /^the store refuses the access key \(AccessDenied, HTTP 403\)$/,
      hint: /s3:PutObject and s3:AbortMultipartUpload/,
    },
    {
      name: 'for its clock, however it corrects it',
      fault: faults.refuse(403, 'RequestTimeTooSkewed'),
      said: /^the clocks .* differ/,
      hint: /clock of the node/,
    },
    {
      name: 'for path style',
      fault: faults.refuse(403, 'SecondLevelDomainForbidden'),
      said: /^the store wants the bucket in the host name/,
      hint: /addressing to virtual/,
    },
    {
      name: 'by a redirect',
      fault: faults.refuse(301, 'PermanentRedirect'),
      said: /^the bucket lives at another endpoint/,
      hint: /s3Region and S3Endpoint/,
    },
    {
      name: 'by an overloaded store',
      fault: faults.slowDown(),
      said: /^the store is overloaded and kept refusing \(SlowDown, HTTP 503\)$/,
      hint: /limits.concurrency/,
    },
    {
      name: "by a proxy's page",
      fault: faults.say(502, '<html><body>Bad Gateway</body></html>'),
      said: /^the store failed \(.*HTTP 502\)$/,
      hint: /log/,
    },
    {
      name: 'in words that repeat our credentials',
      fault: faults.refuse(
        418,
        'Teapot',
        `you are AKIAFAKEFAKEFAKEFAKE ${'fake/Secret+Access/Key/of/fourty/chars/0'.repeat(2)}`,
      ),
      said: /^Teapot, HTTP 418: you are \*\*\* \*\*\*$/,
      hint: /S3 API/,
    },
  ]
  for (const { name, fault, said, hint } of answers) {
    it(name, async () => {
      await using s3 = await startFakeS3()
      s3.fail('PutObject', fault, { times: Infinity })
      const failure = await failureOf(s3StoreOf(s3), secretsOf(s3))
      assert.match(failure.said, said)
      assert.match(failure.hint, hint)
    })
  }
})

describe('S3Store.put() finds nobody', () => {
  it('at a port where nothing listens', async () => {
    const s3 = await startFakeS3()
    const store = s3StoreOf({ endpoint: s3.endpoint, region: s3.region, credentials: s3.credentials })
    await s3[Symbol.asyncDispose]()
    const { said, hint } = await failureOf(store, secretsOf(s3))
    assert.match(said, /^nothing listens at the store's endpoint \(ECONNREFUSED 127\.0\.0\.1:\d+\)$/)
    assert.match(hint, /host and port of S3Endpoint/)
  })

  it('by a name that does not resolve', async () => {
    const credentials = { accessKeyId: 'key-of-nobody', secretAccessKey: 'secret-of-nobody' }
    const store = s3StoreOf({ endpoint: 'http://store.invalid:9000', region: 'r', credentials })
    const { said, hint } = await failureOf(store, Object.values(credentials))
    assert.match(
      said,
      /^the name of the store's endpoint does not resolve on this node \((ENOTFOUND|EAI_AGAIN) store\.invalid\)$/,
    )
    assert.match(hint, /S3Endpoint/)
  })

  it('without credentials anywhere', async () => {
    await using s3 = await startFakeS3()
    const noChain = {
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_SHARED_CREDENTIALS_FILE: '/nowhere',
      AWS_CONFIG_FILE: '/nowhere',
    }
    Object.assign(process.env, noChain)
    const { said, hint } = await failureOf(s3StoreOf(s3, { credentials: null }), [])
    for (const name of Object.keys(noChain)) delete process.env[name]
    assert.match(said, /^no credentials were found/)
    assert.match(hint, /give the node a role/)
  })
})

it('S3Store.put() leaves no second upload open where the answer to the first Create got lost', async () => {
  await using s3 = await startFakeS3()
  s3.fail('CreateMultipartUpload', faults.loseAnswer())
  await s3StoreOf(s3).put('ns/core.gz', chunked(threeParts, 65_536), threeParts.length)
  assert.equal(s3.seen('CreateMultipartUpload').length, 2)
  assert.ok(s3.bucket().get('corefiles/ns/core.gz').bytes.equals(threeParts))
  assert.deepEqual([...s3.bucket().uploads], [])
})

it('S3Store.put() takes silence of a store for a failure before the patience with a part is over', async () => {
  await using s3 = await startFakeS3()
  s3.fail('PutObject', faults.hang(), { times: Infinity })
  const { said } = await failureOf(s3StoreOf(s3, { patienceSeconds: 0 }), secretsOf(s3))
  assert.match(said, /^the store does not answer in time/)
})

describe('S3Store.put() ends when the store', { timeout: 120_000 }, () => {
  const hangs: { name: string; fault: Fault; bytes: Uint8Array; on: Operation }[] = [
    {
      name: 'takes an object and never answers',
      fault: faults.hang(),
      bytes: Buffer.from('x'),
      on: 'PutObject',
    },
    { name: 'does not take a part', fault: faults.stall(), bytes: threeParts, on: 'UploadPart' },
    { name: 'never answers Create', fault: faults.hang(), bytes: threeParts, on: 'CreateMultipartUpload' },
    {
      name: 'never answers Complete',
      fault: faults.hang(),
      bytes: threeParts,
      on: 'CompleteMultipartUpload',
    },
  ]
  for (const { name, fault, bytes, on } of hangs) {
    it(name, async () => {
      await using s3 = await startFakeS3()
      s3.fail(on, fault, { times: Infinity })
      const { said, hint } = await failureOf(s3StoreOf(s3, {}, { idleMs: 300 }), secretsOf(s3), bytes)
      assert.match(said, /^the store does not answer in time \(TimeoutError\)$/)
      assert.match(hint, /firewalls/)
      assert.deepEqual([...s3.bucket().uploads], [])
    })
  }

  it('drips its answer past the deadline', async () => {
    const server = createServer((_request, response) => {
      response.writeHead(200)
      const drip = setInterval(() => response.write(' '), 20)
      response.once('close', () => clearInterval(drip))
    }).listen(0, '127.0.0.1')
    await new Promise(resolve => server.once('listening', resolve))
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const credentials = { accessKeyId: 'key-of-drip', secretAccessKey: 'secret-of-drip' }
    const { said } = await failureOf(
      s3StoreOf({ endpoint, region: 'r', credentials }, {}, { requestMs: 300 }),
      Object.values(credentials),
    )
    server.closeAllConnections()
    server.close()
    assert.match(said, /^the store does not answer in time/)
  })
})

describe('S3Store.put() survives', () => {
  const survivable: { name: string; on: Operation; fault: Fault; times?: number }[] = [
    { name: 'an overloaded store', on: 'UploadPart', fault: faults.slowDown(), times: 3 },
    { name: 'a failing Create', on: 'CreateMultipartUpload', fault: faults.refuse(500, 'InternalError') },
    { name: 'a connection that dies in the middle of a part', on: 'UploadPart', fault: faults.reset() },
    { name: 'the lost answer of a part', on: 'UploadPart', fault: faults.loseAnswer() },
    {
      name: 'a Complete that answers 200 and an error',
      on: 'CompleteMultipartUpload',
      fault: faults.errorIn200(),
      times: 4,
    },
    {
      name: 'a Complete that answers 200 and an error and a line feed, which the SDK takes for success',
      on: 'CompleteMultipartUpload',
      fault: faults.say(200, '<Error><Code>InternalError</Code></Error>\n'),
    },
    {
      name: 'a Complete that answers 200 and nothing',
      on: 'CompleteMultipartUpload',
      fault: faults.say(200, ''),
    },
    {
      name: 'a Complete that fails five times',
      on: 'CompleteMultipartUpload',
      fault: faults.refuse(500, 'InternalError'),
      times: 5,
    },
    { name: 'the lost answer of Complete', on: 'CompleteMultipartUpload', fault: faults.loseAnswer() },
    { name: 'a store that thinks a while', on: 'UploadPart', fault: faults.slow(50), times: 3 },
  ]
  for (const { name, on, fault, times = 1 } of survivable) {
    it(name, async () => {
      await using s3 = await startFakeS3()
      s3.fail(on, fault, { times })
      await s3StoreOf(s3).put('core.gz', chunked(threeParts, 65_536), threeParts.length)
      assert.ok(threeParts.equals(s3.bucket().get('corefiles/core.gz').bytes))
      assert.deepEqual(s3.seen('AbortMultipartUpload'), [])
      assert.deepEqual([...s3.bucket().uploads], [])
    })
  }

  it('a clock that is an hour off', async () => {
    await using s3 = await startFakeS3({ clockAheadSeconds: 3600 })
    await s3StoreOf(s3).put('core.gz', [Buffer.from('x')], 1)
    assert.deepEqual(s3.bucket().keys(), ['corefiles/core.gz'])
  })
})

describe('S3Store.put() fails', () => {
  it('and stops the body, and removes the parts, when a part is refused', async () => {
    await using s3 = await startFakeS3()
    s3.fail('UploadPart', faults.refuse(403, 'AccessDenied'), { after: 2, times: Infinity })
    const body = new Endless()
    await assert.rejects(s3StoreOf(s3).put('core.gz', body, 2 ** 30), /the store refuses the access key/)
    assert.ok(body.stopped)
    assert.deepEqual(s3.bucket().keys(), [])
    assert.deepEqual([...s3.bucket().uploads], [])
  })

  it('and says so when the parts cannot be removed', async () => {
    await using s3 = await startFakeS3()
    s3.fail('UploadPart', faults.refuse(507, 'XMinioStorageFull'), { times: Infinity })
    s3.fail('AbortMultipartUpload', faults.refuse(403, 'AccessDenied'), { times: Infinity })
    const { said, hint } = await failureOf(s3StoreOf(s3), secretsOf(s3), threeParts)
    assert.match(
      said,
      /^the store is full .*; what was stored of it could not be removed: the store refuses the access key/,
    )
    assert.match(
      hint,
      /^Remove old cores.* Let a lifecycle rule of the bucket abort incomplete multipart uploads\.$/,
    )
  })

  it('and removes the parts, when Complete is refused for good', async () => {
    await using s3 = await startFakeS3({ rules: { minPartBytes: 100 * PART_BYTES } })
    const { said } = await failureOf(s3StoreOf(s3), secretsOf(s3), threeParts)
    assert.match(said, /^EntityTooSmall, HTTP 400: /)
    assert.deepEqual([...s3.bucket().uploads], [])
  })
})

describe('S3Store', () => {
  it('put() sends parts without Expect, without aws-chunked, over connections that it keeps', async () => {
    await using s3 = await startFakeS3()
    const bytes = randomBytes(6 * PART_BYTES)
    await s3StoreOf(s3).put('core.gz', chunked(bytes, 65_536), bytes.length)
    assert.equal(s3.seen('UploadPart').length, 6)
    for (const { headers } of s3.requests) {
      assert.equal(headers.expect, undefined)
      assert.equal(headers['content-encoding'], undefined)
      assert.equal(headers['transfer-encoding'], undefined)
      assert.deepEqual(
        Object.keys(headers).filter(name => /checksum|trailer|sdk-checksum/.test(name)),
        [],
      )
    }
    assert.ok(s3.connections <= 3, `${s3.connections} connections`)
  })

  it('put() sends the checksums that AWS wants, of every part and once more on Complete', async () => {
    await using s3 = await startFakeS3()
    const { endpoint, region, credentials } = s3
    const config = {
      ...({ protocol: 's3', bucket: 'cores', region, endpoint, credentials, storeDir: '' } as const),
    }
    const dialect = { endpoint, region, pathStyle: true, checksums: true, once: {}, ifNew: {} }
    const store = new S3Store({ ...config, presignedUrlExpireSeconds: 60 }, { patience: QUICK, dialect })
    await store.put('core.gz', chunked(threeParts, 65_536), threeParts.length)
    await store.put('report.json', [Buffer.from('{}')], 2)
    const summed = s3.requests.filter(({ headers }) => headers['x-amz-checksum-crc32'] !== undefined)
    assert.deepEqual(
      summed.map(({ operation }) => operation),
      ['UploadPart', 'UploadPart', 'UploadPart', 'PutObject'],
    )
    assert.equal(s3.seen('CreateMultipartUpload')[0]?.headers['x-amz-checksum-algorithm'], 'CRC32')
    assert.match(s3.seen('CompleteMultipartUpload')[0]?.body ?? '', /(<ChecksumCRC32>.*){3}/)
    assert.ok(threeParts.equals(s3.bucket().get('core.gz').bytes))
  })

  it('put() signs with a session token', async () => {
    const credentials = {
      accessKeyId: 'ASIAFAKE',
      secretAccessKey: 'secret',
      sessionToken: 'session/token+of=role',
    }
    await using s3 = await startFakeS3({ credentials })
    await s3StoreOf(s3).put('core.gz', [], 0)
    const expired = s3StoreOf(s3, { credentials: { ...credentials, sessionToken: 'old' } })
    assert.match(
      (await failureOf(expired, ['old', ...secretsOf(s3)])).said,
      /^the temporary credentials are no longer valid/,
    )
  })

  it('put() makes one PutObject of what fits one part, and looks at it', async () => {
    await using s3 = await startFakeS3()
    const bytes = randomBytes(PART_BYTES)
    await s3StoreOf(s3).put('core.gz', chunked(bytes, 65_536), bytes.length)
    assert.deepEqual(
      s3.requests.map(({ operation }) => operation),
      ['PutObject', 'HeadObject'],
    )
  })

  it('put() sizes its parts by what the body may hold, not by what it does', async () => {
    await using s3 = await startFakeS3()
    const bytes = randomBytes(20 * 1024 * 1024)
    await s3StoreOf(s3).put('core.gz', chunked(bytes, 65_536), 100 * 2 ** 30)
    assert.deepEqual(
      s3
        .seen('UploadPart')
        .map(({ bodyBytes }) => bodyBytes)
        .sort(),
      [11 * 2 ** 20, 9 * 2 ** 20],
    )
  })

  it('put() says what a core and a report are', async () => {
    await using s3 = await startFakeS3()
    await s3StoreOf(s3).put('core.gz', [], 0)
    await s3StoreOf(s3).put('report.json', [], 0)
    const types = ['core.gz', 'report.json'].map(name => s3.bucket().get(`corefiles/${name}`).contentType)
    assert.deepEqual(types, ['application/octet-stream', 'application/json'])
  })

  it('get() fails when the answer breaks off', async () => {
    await using s3 = await startFakeS3()
    const store = s3StoreOf(s3)
    await store.put('core.gz', chunked(threeParts, 65_536), threeParts.length)
    s3.fail('GetObject', faults.cutAnswer())
    await assert.rejects(async () => {
      for await (const _chunk of await store.get('core.gz'));
    }, /aborted|ECONNRESET/)
  })

  it('get() does not take a bucket that is missing for an object that is', async () => {
    await using s3 = await startFakeS3()
    await assert.rejects(
      s3StoreOf(s3, { bucket: 'nowhere' }).get('core.gz'),
      error => !(error instanceof NotFoundError),
    )
    await assert.rejects(s3StoreOf(s3).get('core.gz'), NotFoundError)
  })

  it('link() lives as long as configured', async () => {
    await using s3 = await startFakeS3()
    const link = new URL(await s3StoreOf(s3, { presignedUrlExpireSeconds: 1234 }).link('core.gz'))
    assert.equal(link.searchParams.get('X-Amz-Expires'), '1234')
  })

  it('location() names the bucket as its own tools do', () => {
    const server = {
      endpoint: 'http://127.0.0.1:9',
      region: 'r',
      credentials: { accessKeyId: 'k', secretAccessKey: 's' },
    }
    const locations = (['s3', 'cos', 'oss'] as const).map(protocol =>
      s3StoreOf(server, { protocol }).location('ns/core.gz'),
    )
    assert.deepEqual(
      locations,
      ['s3', 'cos', 'oss'].map(protocol => `${protocol}://cores/corefiles/ns/core.gz`),
    )
    assert.equal(s3StoreOf(server, { storeDir: '' }).location('a/b'), 's3://cores/a/b')
  })
})
