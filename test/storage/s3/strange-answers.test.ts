import assert from 'node:assert/strict'
import { it } from 'node:test'
import { StoreError } from '../../../storage/errors.ts'
import { type Fault, faults, startFakeS3 } from '../../fakes/fake-s3.ts'
import { s3StoreOf } from './s3-store-of.ts'

const TITLE = '413 Request Entity Too Large'
// As nginx 1.25 writes it; XML it is not.
const NGINX_413 = `<html>\r\n<head><title>${TITLE}</title></head>\r\n<body>\r\n<center><h1>${TITLE}</h1></center>\r\n<hr><center>nginx/1.25.3</center>\r\n</body>\r\n</html>\r\n`
const DENIED =
  'User: arn:aws:iam::111122223333:user/node is not authorized to perform: s3:PutObject on resource: "arn:aws:s3:::cores/k"'
const KEY_DENIED =
  'User: arn:aws:iam::111122223333:user/node is not authorized to perform: kms:GenerateDataKey on resource: arn:aws:kms:eu-central-1:111122223333:key/k because no identity-based policy allows the kms:GenerateDataKey action'

const cases: { name: string; fault: Fault; said: RegExp; hint: RegExp }[] = [
  {
    name: "nginx's page of a request that is too large",
    fault: faults.say(413, NGINX_413),
    said: /the proxy before it, does not take so much in one request \(NotS3, HTTP 413\)$/,
    hint: /client_max_body_size.*proxy-body-size/,
  },
  {
    name: 'a page of a firewall',
    fault: faults.say(403, '<!DOCTYPE html><p>Blocked<br>by policy 7'),
    said: /something before the store refuses \(NotS3, HTTP 403\)$/,
    hint: /proxy/,
  },
  {
    name: 'a page that nobody knows',
    fault: faults.say(418, '<html><title>I am\n a teapot</title>'),
    said: /": NotS3, HTTP 418: I am a teapot$/,
    hint: /is an S3 API/,
  },
  {
    name: 'no XML',
    fault: faults.say(400, '{"error":"x & y"}'),
    said: /: \{"error":"x & y"\}$/,
    hint: /S3 API/,
  },
  {
    name: 'a Deny in a policy of the bucket',
    fault: faults.refuse(403, 'AccessDenied', `${DENIED} with an explicit deny in a resource-based policy`),
    said: /a policy denies the request explicitly \(AccessDenied, HTTP 403\)$/,
    hint: /Deny.*serverSideEncryption/,
  },
  {
    name: 'a key of KMS that is not allowed',
    fault: faults.refuse(403, 'AccessDenied', KEY_DENIED),
    said: /encryption key \(AccessDenied, HTTP 403\)$/,
    hint: /kms:GenerateDataKey and kms:Decrypt/,
  },
  {
    name: 'a right that nobody gave',
    fault: faults.refuse(403, 'AccessDenied', `${DENIED} because no identity-based policy allows the action`),
    said: /the store refuses the access key \(AccessDenied, HTTP 403\)$/,
    hint: /s3:PutObject/,
  },
]

for (const { name, fault, said, hint } of cases) {
  for (const [request, bytes] of [
    ['PutObject', 1],
    ['CreateMultipartUpload', 9_000_000],
  ] as const) {
    it(`S3Store.put() explains ${name}, of ${request}`, async () => {
      await using s3 = await startFakeS3()
      s3.fail(request, fault, { times: 9 })
      const error = await s3StoreOf(s3)
        .put('k', [Buffer.alloc(bytes)], bytes)
        .then(
          () => assert.fail('it was stored'),
          (thrown: unknown) => thrown,
        )
      assert.ok(error instanceof StoreError)
      assert.match(error.message, said)
      assert.match(error.hint, hint)
      assert.doesNotMatch(`${error.message} ${error.cause}`, /parse|pars|Deserialization|mismatched/i)
    })
  }
}
