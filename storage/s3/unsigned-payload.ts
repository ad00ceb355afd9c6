import type { S3Client } from '@aws-sdk/client-s3'

const PAYLOAD_HASH = 'x-amz-content-sha256'

interface Request {
  readonly protocol: string
  readonly body?: unknown
  readonly headers: Record<string, string>
}

/**
 * Leaves what is sent out of the signature where TLS protects it on its way, as other clients of S3 do: to
 * hash a part once more takes the thread that reads the core as long as to encrypt it. Without TLS the hash
 * stays. https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
 */
export function leavePayloadUnsigned({ middlewareStack }: S3Client): void {
  middlewareStack.add(
    next => async args => {
      // The SDK's types leave open what protocol a client speaks; of S3 it is HTTP.
      const { protocol, body, headers } = args.request as Request
      if (protocol === 'https:' && body instanceof Uint8Array) headers[PAYLOAD_HASH] = 'UNSIGNED-PAYLOAD'
      return next(args)
    },
    { step: 'build', name: 'leavePayloadUnsigned' },
  )
}
