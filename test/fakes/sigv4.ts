import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

/** A request as it came over the wire. */
export interface SignedRequest {
  readonly method: string
  /** Path and query, undecoded. */
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/** What a server holds against the signature of a request, with S3's code for it. */
export interface Refusal {
  readonly status: number
  readonly code: string
  readonly message: string
}

export interface Verifier {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string | undefined
  readonly region: string
  readonly now: () => Date
}

const MAX_SKEW_MS = 15 * 60_000

/**
 * Checks AWS Signature Version 4, in headers or in the query, as S3 does: `null` if it is good.
 * Written from "Signature Calculations for the Authorization Header" of the S3 API reference, and
 * shares nothing with the SDK that it checks.
 */
export function refusalOf(request: SignedRequest, verifier: Verifier): Refusal | null {
  const signature = readSignature(request)
  if (signature === null) return refusal(403, 'AccessDenied', 'Anonymous access is forbidden')
  return (
    refuseCredential(signature, verifier) ??
    refuseTime(signature, verifier.now()) ??
    refuseHeaders(signature, request) ??
    refusePayload(signature, request) ??
    refuseSignature(signature, request, verifier)
  )
}

interface Signature {
  readonly inQuery: boolean
  readonly accessKeyId: string
  readonly date: string
  readonly region: string
  readonly service: string
  readonly signedHeaders: readonly string[]
  readonly signature: string
  /** `YYYYMMDDTHHMMSSZ`. */
  readonly time: string
  readonly expiresSeconds: number | null
  readonly token: string | undefined
  readonly payload: string
}

function readSignature({ url, headers }: SignedRequest): Signature | null {
  const query = new URLSearchParams(url.split('?')[1] ?? '')
  if (query.has('X-Amz-Signature')) {
    return {
      inQuery: true,
      ...credential(query.get('X-Amz-Credential')),
      signedHeaders: (query.get('X-Amz-SignedHeaders') ?? '').split(';'),
      signature: query.get('X-Amz-Signature') ?? '',
      time: query.get('X-Amz-Date') ?? '',
      expiresSeconds: Number(query.get('X-Amz-Expires')),
      token: query.get('X-Amz-Security-Token') ?? undefined,
      payload: 'UNSIGNED-PAYLOAD',
    }
  }
  const fields =
    /^AWS4-HMAC-SHA256 Credential=([^,]+), ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(
      headers.authorization ?? '',
    )
  if (!fields) return null
  return {
    inQuery: false,
    ...credential(fields[1]),
    signedHeaders: (fields[2] ?? '').split(';'),
    signature: fields[3] ?? '',
    time: header(headers, 'x-amz-date'),
    expiresSeconds: null,
    token: headers['x-amz-security-token'] as string | undefined,
    payload: header(headers, 'x-amz-content-sha256'),
  }
}

function credential(scope: string | null | undefined) {
  const [accessKeyId = '', date = '', region = '', service = ''] = (scope ?? '').split('/')
  return { accessKeyId, date, region, service }
}

function refuseCredential(signature: Signature, verifier: Verifier): Refusal | null {
  if (signature.accessKeyId !== verifier.accessKeyId) {
    return refusal(
      403,
      'InvalidAccessKeyId',
      `The access key ${signature.accessKeyId} does not exist in our records.`,
    )
  }
  if (signature.token !== verifier.sessionToken)
    return refusal(400, 'InvalidToken', 'The token is malformed.')
  if (signature.region !== verifier.region || signature.service !== 's3') {
    return refusal(
      400,
      'AuthorizationHeaderMalformed',
      `The region '${signature.region}' is wrong; expecting '${verifier.region}'`,
    )
  }
  return null
}

function refuseTime({ time, date, expiresSeconds }: Signature, now: Date): Refusal | null {
  const signedAt = Date.parse(time.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z'))
  if (Number.isNaN(signedAt) || !time.startsWith(date)) return refusal(403, 'AccessDenied', 'Invalid date')
  const ageMs = now.getTime() - signedAt
  if (expiresSeconds !== null) {
    const valid = expiresSeconds >= 1 && expiresSeconds <= 604_800 && ageMs <= expiresSeconds * 1000
    return valid ? null : refusal(403, 'AccessDenied', 'Request has expired')
  }
  if (Math.abs(ageMs) <= MAX_SKEW_MS) return null
  return refusal(
    403,
    'RequestTimeTooSkewed',
    'The difference between the request time and the current time is too large.',
  )
}

function refuseHeaders({ signedHeaders, inQuery }: Signature, { headers }: SignedRequest): Refusal | null {
  const needed = Object.keys(headers).filter(
    name => name === 'host' || (!inQuery && name.startsWith('x-amz-')),
  )
  const unsigned = needed.filter(name => !signedHeaders.includes(name))
  if (unsigned.length === 0) return null
  return refusal(
    403,
    'AccessDenied',
    `There were headers present in the request which were not signed: ${unsigned}`,
  )
}

function refusePayload({ payload }: Signature, { body }: SignedRequest): Refusal | null {
  if (payload === 'UNSIGNED-PAYLOAD' || payload === sha256(body)) return null
  if (payload.startsWith('STREAMING-')) {
    return refusal(
      400,
      'InvalidArgument',
      'aws-chunked encoding is not supported with the specified x-amz-content-sha256 value.',
    )
  }
  return refusal(
    400,
    'XAmzContentSHA256Mismatch',
    "The provided 'x-amz-content-sha256' header does not match what was computed.",
  )
}

function refuseSignature(
  signature: Signature,
  request: SignedRequest,
  { secretAccessKey }: Verifier,
): Refusal | null {
  const { date, region, time } = signature
  const toSign = [
    'AWS4-HMAC-SHA256',
    time,
    `${date}/${region}/s3/aws4_request`,
    sha256(canonical(signature, request)),
  ]
  const key = ['s3', 'aws4_request'].reduce(
    hmac,
    [date, region].reduce(hmac, Buffer.from(`AWS4${secretAccessKey}`)),
  )
  const expected = hmac(key, toSign.join('\n'))
  const given = Buffer.from(signature.signature, 'hex')
  if (given.length === expected.length && timingSafeEqual(given, expected)) return null
  return refusal(
    403,
    'SignatureDoesNotMatch',
    'The request signature we calculated does not match the signature you provided.',
  )
}

function canonical({ signedHeaders, payload }: Signature, { method, url, headers }: SignedRequest): string {
  const [path = '', query = ''] = url.split('?')
  return [
    method,
    path.split('/').map(recoded).join('/'),
    canonicalQuery(query),
    ...signedHeaders.map(name => `${name}:${header(headers, name).trim().replace(/ +/g, ' ')}`),
    '',
    signedHeaders.join(';'),
    payload,
  ].join('\n')
}

function canonicalQuery(query: string): string {
  const pairs = query.split('&').filter(pair => pair !== '' && !pair.startsWith('X-Amz-Signature='))
  return pairs
    .map(pair => pair.split('='))
    .map(([name = '', value = '']) => [recoded(name), recoded(value)] as const)
    .sort(([a, x], [b, y]) => compare(a, b) || compare(x, y))
    .map(pair => pair.join('='))
    .join('&')
}

function compare(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1
}

function recoded(text: string): string {
  return encodeURIComponent(decodeURIComponent(text)).replace(
    /[!'()*]/g,
    c => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

function header(headers: IncomingHttpHeaders, name: string): string {
  return String(headers[name] ?? '')
}

function sha256(data: string | Buffer): string {
  return createHash('sha256').update(data).digest('hex')
}

function hmac(key: Buffer, data: string): Buffer {
  return createHmac('sha256', key).update(data).digest()
}

function refusal(status: number, code: string, message: string): Refusal {
  return { status, code, message }
}
