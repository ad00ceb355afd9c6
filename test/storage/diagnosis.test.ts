import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { OperatorError } from '../../crash/errors.ts'
import { diagnose, LeftBehindError, withoutSecrets } from '../../storage/diagnosis.ts'

const system = (code: string, more = {}) =>
  Object.assign(new Error(`${code}: words, write`), { code, ...more })
const answer = (name: string, httpStatusCode: number, message = 'words') =>
  Object.assign(new Error(message), { name, $metadata: { httpStatusCode } })

const symptoms: { name: string; thrown: unknown; message: string; hint: RegExp }[] = [
  {
    name: 'a full file system',
    thrown: system('ENOSPC'),
    message: 'the file system is full (ENOSPC)',
    hint: /quota/,
  },
  {
    name: 'a read-only mount',
    thrown: system('EROFS'),
    message: 'the file system is mounted read-only (EROFS)',
    hint: /writable/,
  },
  {
    name: 'root_squash',
    thrown: system('EACCES'),
    message: 'the file system refuses access (EACCES)',
    hint: /root_squash/,
  },
  {
    name: 'a dead NFS server',
    thrown: system('ESTALE'),
    message: 'the mounted file system does not work (ESTALE)',
    hint: /mount it again/,
  },
  {
    name: 'a certificate of nobody',
    thrown: system('DEPTH_ZERO_SELF_SIGNED_CERT'),
    message: "the store's certificate is not trusted (DEPTH_ZERO_SELF_SIGNED_CERT)",
    hint: /authority/,
  },
  {
    name: 'localhost tried by IPv6 and IPv4',
    thrown: new AggregateError([
      system('ECONNREFUSED', { address: '::1', port: 9000 }),
      system('ECONNREFUSED'),
    ]),
    message: "nothing listens at the store's endpoint (ECONNREFUSED ::1:9000)",
    hint: /S3Endpoint/,
  },
  {
    name: 'a refused connection that the SDK calls a timeout',
    thrown: Object.assign(system('ECONNREFUSED'), { name: 'TimeoutError' }),
    message: "nothing listens at the store's endpoint (ECONNREFUSED)",
    hint: /Start the store/,
  },
  {
    name: 'a HEAD that is answered as nobody would think',
    thrown: answer('400', 400, 'UnknownError'),
    message: 'HTTP 400: no reason given',
    hint: /S3 API/,
  },
  {
    name: 'a HEAD, which has no code',
    thrown: answer('Unknown', 403),
    message: 'the store refuses the access key (HTTP 403)',
    hint: /Allow/,
  },
  {
    name: 'a code more than a status',
    thrown: answer('RequestTimeTooSkewed', 403),
    message:
      'the clocks of this node and of the store differ by more than the store allows (RequestTimeTooSkewed, HTTP 403)',
    hint: /NTP/,
  },
  {
    name: 'an unknown answer',
    thrown: answer('Odd', 400, 'odd\r\n\u001b[31mwords'),
    message: 'Odd, HTTP 400: odd [31mwords',
    hint: /S3 API/,
  },
  {
    name: 'an access key that versitygw does not know',
    thrown: answer('XAdminUserNotFound', 404, 'No user exists with the provided access key ID.'),
    message: 'the store does not know the access key (XAdminUserNotFound, HTTP 404)',
    hint: /s3AccesskeyID/,
  },
  {
    name: 'an access key that R2 does not know',
    thrown: answer('InvalidArgument', 400, 'Credential access key has length 5, should be 32'),
    message: 'the store does not know the access key (InvalidArgument, HTTP 400)',
    hint: /s3AccesskeyID/,
  },
  {
    name: 'a bucket of COS whose host is not found',
    thrown: system('ENOTFOUND', { hostname: 'crashes-1250000000.cos.ap-guangzhou.myqcloud.com' }),
    message:
      "the name of the store's endpoint does not resolve on this node (ENOTFOUND crashes-1250000000.cos.ap-guangzhou.myqcloud.com)",
    hint: /S3Endpoint/,
  },
  {
    name: 'words that name a long host',
    thrown: answer('Odd', 400, 'ask https://crashes-1250000000.cos.ap-guangzhou.myqcloud.com: it knows'),
    message: 'Odd, HTTP 400: ask https://crashes-1250000000.cos.ap-guangzhou.myqcloud.com: it knows',
    hint: /S3 API/,
  },
  {
    name: 'an unknown failure of a mounted file system',
    thrown: system('EBUSY', { syscall: 'rename', path: '/mnt/cfs/a' }),
    message: 'EBUSY: EBUSY: words, write',
    hint: /CFSMountPath/,
  },
  { name: 'what is no error', thrown: 'text', message: 'error: text', hint: /\./ },
  { name: 'nothing', thrown: undefined, message: 'error: undefined', hint: /\./ },
  {
    name: 'what explains itself',
    thrown: new OperatorError('it is so', 'Do this.'),
    message: 'it is so',
    hint: /^Do this\.$/,
  },
  {
    name: 'parts left behind',
    thrown: new LeftBehindError(answer('SlowDown', 503), answer('AccessDenied', 403), 'Clean up.'),
    message:
      'the store is overloaded and kept refusing (SlowDown, HTTP 503); what was stored of it could not be removed: the store refuses the access key (AccessDenied, HTTP 403)',
    hint: / Clean up\.$/,
  },
]

describe('diagnose()', () => {
  for (const { name, thrown, message, hint } of symptoms) {
    it(`explains ${name}`, () => {
      assert.equal(diagnose(thrown).message, message)
      assert.match(diagnose(thrown).hint, hint)
    })
  }

  it('repeats no signed URL and no endless words', () => {
    const link =
      'https://h/k?X-Amz-Credential=AKIAABCDEFGHIJKL%2F2026&X-Amz-Signature=abc&X-Amz-Security-Token=tok'
    const { message } = diagnose(answer('Odd', 400, `see ${link} ${'word '.repeat(200)}`))
    assert.doesNotMatch(message, /AKIA|abc|tok/)
    assert.ok(message.length < 300)
  })

  it('takes a long token with dots for no host name', () => {
    const token = `eyJhbGciOiJIUzI1NiJ9.${'a'.repeat(60)}.b`
    assert.equal(diagnose(answer('Odd', 400, `see ${token}`)).message, 'Odd, HTTP 400: see ***')
  })
})

describe('withoutSecrets()', () => {
  it('keeps of an SDK error its code and its words', () => {
    const raw = Object.assign(answer('SignatureDoesNotMatch', 403), {
      CanonicalRequest: 'x-amz-security-token:secret',
    })
    const kept = withoutSecrets(raw)
    assert.ok(kept instanceof Error && kept.message === 'SignatureDoesNotMatch, HTTP 403: words')
    assert.deepEqual(Object.keys(kept), [])
  })

  it('keeps all of another error', () => {
    const own = system('ENOSPC')
    assert.equal(withoutSecrets(own), own)
  })
})
