import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { refusalOf, type SignedRequest } from './sigv4.ts'

// The examples of "Authenticating Requests (AWS Signature Version 4)" in the S3 API reference.
const verifier = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  region: 'us-east-1',
  now: () => new Date('2013-05-24T00:00:00Z'),
}
const SCOPE = 'Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request'
const EMPTY_SHA256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

const get: SignedRequest = {
  method: 'GET',
  url: '/test.txt',
  headers: {
    host: 'examplebucket.s3.amazonaws.com',
    range: 'bytes=0-9',
    'x-amz-content-sha256': EMPTY_SHA256,
    'x-amz-date': '20130524T000000Z',
    authorization: `AWS4-HMAC-SHA256 ${SCOPE},SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41`,
  },
  body: Buffer.alloc(0),
}
const presigned: SignedRequest = {
  method: 'GET',
  url: '/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404',
  headers: { host: 'examplebucket.s3.amazonaws.com' },
  body: Buffer.alloc(0),
}
const later = (seconds: number) => ({
  ...verifier,
  now: () => new Date(verifier.now().getTime() + seconds * 1000),
})

describe('refusalOf()', () => {
  it('takes the signed request of the S3 reference', () => assert.equal(refusalOf(get, verifier), null))
  it('takes the presigned URL of the S3 reference', () => assert.equal(refusalOf(presigned, verifier), null))

  const refused = [
    {
      name: 'another secret',
      code: 'SignatureDoesNotMatch',
      verifier: { ...verifier, secretAccessKey: 'x' },
    },
    { name: 'another access key', code: 'InvalidAccessKeyId', verifier: { ...verifier, accessKeyId: 'x' } },
    { name: 'another region', code: 'AuthorizationHeaderMalformed', verifier: { ...verifier, region: 'x' } },
    { name: 'a token that is missing', code: 'InvalidToken', verifier: { ...verifier, sessionToken: 'x' } },
    { name: 'another path', code: 'SignatureDoesNotMatch', request: { ...get, url: '/test.txt2' } },
    { name: 'another method', code: 'SignatureDoesNotMatch', request: { ...get, method: 'DELETE' } },
    { name: 'another body', code: 'XAmzContentSHA256Mismatch', request: { ...get, body: Buffer.from('x') } },
    { name: 'a clock 16 minutes off', code: 'RequestTimeTooSkewed', verifier: later(16 * 60) },
    { name: 'a link that has expired', code: 'AccessDenied', request: presigned, verifier: later(86_401) },
    {
      name: 'an x-amz header that is not signed',
      code: 'AccessDenied',
      request: { ...get, headers: { ...get.headers, 'x-amz-acl': 'public-read' } },
    },
    { name: 'no signature', code: 'AccessDenied', request: { ...get, headers: { host: 'x' } } },
  ]
  for (const { name, code, request = get, verifier: by = verifier } of refused) {
    it(`refuses ${name}`, () => assert.equal(refusalOf(request, by)?.code, code))
  }
})
