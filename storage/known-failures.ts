import { STRANGE_ANSWER, type Symptom } from './symptom.ts'

/** A way to fail that an operator can do something about. */
interface KnownFailure {
  /** Codes of S3, of Node and of the SDK, as the error spells them. */
  readonly codes: readonly string[]
  /** HTTP statuses that mean it where the code is not known. */
  readonly statuses?: readonly number[]
  /** It is so only of a page that is none of S3's. */
  readonly isPage?: true
  /** What an answer has to say as well. */
  readonly says?: RegExp
  /** What an answer says that means it, where the code is not known. */
  readonly words?: RegExp
  readonly message: string
  readonly hint: string
  /**
   * When the same request may go better: `soon`, or once there are `new credentials`. Absent: an operator has
   * to do something.
   */
  readonly passes?: 'soon' | 'new credentials'
}

/** An answer says what is wrong in its first sentence, or not at all. */
const MOST_WORDS = 500

/**
 * The failure of this code; of a code that is not known, what the words of a refusal say, then its HTTP
 * status. Pure.
 */
export function knownFailure({ code, status, words }: Pick<Symptom, 'code' | 'status' | 'words'>) {
  const said = status >= 400 && status < 500 ? words.slice(0, MOST_WORDS) : ''
  return (
    KNOWN_FAILURES.find(({ codes, says }) => codes.includes(code) && (says?.test(said) ?? true)) ??
    KNOWN_FAILURES.find(row => row.words?.test(said)) ??
    KNOWN_FAILURES.find(
      ({ statuses, isPage }) =>
        statuses?.includes(status) && (isPage === undefined || code === STRANGE_ANSWER),
    )
  )
}

/**
 * A code says more than a status, so all codes are tried before any status: S3 gives 400 to what a slow
 * network did (RequestTimeout, IncompleteBody). Some are one provider's own: PathStyle… and
 * EntitySizeNotMatch are COS's, SecondLevel…, SecurityToken… and …QpsLimit… are OSS's, XMinio… and
 * SlowDownWrite are MinIO's, ConcurrentModification is Ceph's.
 */
export const KNOWN_FAILURES: readonly KnownFailure[] = [
  {
    codes: ['InvalidRange'],
    statuses: [416],
    message: 'the object ends before the bytes that were asked for',
    hint: 'Read it from its beginning: another object may have taken its place.',
  },
  {
    codes: ['NoSuchBucket'],
    message: 'the bucket does not exist',
    hint: 'Create the bucket, or correct S3Bucket (on COS it ends in the APPID) and s3Region in StorageConfig.',
  },
  {
    codes: ['InvalidBucketName', 'BucketNameInvalid'],
    message: 'the store does not accept the name of the bucket',
    hint: 'Correct S3Bucket in StorageConfig: the name alone, without a scheme and without slashes.',
  },
  {
    // XAdminUserNotFound is versitygw's, with 404. R2 gives 400 InvalidArgument: "Credential access key has
    // length 5, should be 32".
    codes: ['InvalidAccessKeyId', 'InvalidAccessKeyID', 'InvalidTokenId', 'XAdminUserNotFound'],
    words: /\baccess ?key\b/i,
    message: 'the store does not know the access key',
    hint: 'Correct s3AccesskeyID in StorageConfig, or create the key at the store.',
    passes: 'new credentials',
  },
  {
    codes: ['SignatureDoesNotMatch', 'InvalidSecurity'],
    message: 'the store refuses the signature',
    hint: 'Correct s3SecretAccessKey in StorageConfig; if it is right, look for a proxy that changes requests, and at s3Region.',
  },
  {
    codes: [
      'ExpiredToken',
      'ExpiredTokenException',
      'InvalidToken',
      'TokenRefreshRequired',
      'SecurityTokenExpired',
      'InvalidSecurityToken',
    ],
    message: 'the temporary credentials are no longer valid',
    hint: 'Renew the credentials, or see why whatever renews them has stopped.',
    passes: 'new credentials',
  },
  {
    codes: ['CredentialsProviderError', 'TokenProviderError'],
    message: 'no credentials were found',
    hint: 'Set s3AccesskeyID and s3SecretAccessKey in StorageConfig, or give the node a role.',
  },
  {
    codes: ['RequestTimeTooSkewed', 'RequestExpired', 'RequestInTheFuture'],
    message: 'the clocks of this node and of the store differ by more than the store allows',
    hint: 'Set the clock of the node: see why NTP does not keep it.',
    passes: 'soon',
  },
  {
    codes: ['AuthorizationHeaderMalformed', 'IllegalLocationConstraintException', 'InvalidRegion'],
    message: 'the request was signed for another region',
    hint: "Set s3Region in StorageConfig to the bucket's region.",
  },
  {
    codes: ['PermanentRedirect', 'TemporaryRedirect', 'Redirect'],
    statuses: [301, 302, 307, 308],
    message: 'the bucket lives at another endpoint',
    hint: "Set s3Region and S3Endpoint in StorageConfig to the bucket's own.",
  },
  {
    codes: ['PathStyleDomainForbidden', 'SecondLevelDomainForbidden'],
    message: 'the store wants the bucket in the host name',
    hint: 'Set protocol to cos or oss, or addressing to virtual, in StorageConfig.',
  },
  {
    // AWS: "… is not authorized to perform: s3:PutObject on resource … with an explicit deny in a
    // resource-based policy".
    codes: ['AccessDenied'],
    says: /explicit(?:ly)? den|denied by \w+ policy/i,
    message: 'a policy denies the request explicitly',
    hint: 'Look for a Deny in the policies of the bucket, the access key and the organisation: many demand encryption (set serverSideEncryption in StorageConfig), https:// in S3Endpoint, or a network.',
  },
  {
    codes: ['AccessDenied'],
    says: /\bkms:/i,
    message: "the store refuses the access key the bucket's encryption key",
    hint: 'Allow the access key kms:GenerateDataKey and kms:Decrypt on the KMS key.',
  },
  {
    codes: [],
    statuses: [401, 403],
    isPage: true,
    message: 'something before the store refuses',
    hint: 'See what stands between this node and S3Endpoint: a proxy, a firewall, a gateway. No S3 answers so.',
  },
  {
    codes: ['AccessDenied', 'AllAccessDisabled', 'AccountProblem', 'UserDisable'],
    statuses: [401, 403],
    message: 'the store refuses the access key',
    hint: 'Allow the access key s3:PutObject and s3:AbortMultipartUpload on the bucket (s3:GetObject to read and for links, s3:ListBucket to list, s3:DeleteObject to remove).',
  },
  {
    codes: ['NoSuchUpload'],
    message: 'the store has forgotten the multipart upload',
    hint: 'See who aborts incomplete uploads of this bucket so early: a lifecycle rule, or a clean-up job.',
  },
  {
    codes: [
      'QuotaExceeded',
      'XMinioAdminBucketQuotaExceeded',
      'XMinioStorageFull',
      'InsufficientStorage',
      'StorageQuotaExceeded',
    ],
    statuses: [507],
    message: 'the store is full',
    hint: 'Remove old cores, or raise the quota of the bucket.',
  },
  {
    // Of S3 itself it would be a 400: this is what stands before the store.
    codes: ['MaxMessageLengthExceeded'],
    statuses: [413],
    message: 'the store, or the proxy before it, does not take so much in one request',
    hint: 'Raise the limit of the proxy before the store to 0: client_max_body_size of nginx, nginx.ingress.kubernetes.io/proxy-body-size of its ingress.',
  },
  {
    codes: ['EntityTooLarge'],
    message: 'the object is larger than the store takes',
    hint: 'Set limits.maxCoreSize below what the store takes in one object.',
  },
  {
    codes: ['NotImplemented', 'MethodNotAllowed'],
    statuses: [405, 501],
    message: 'the store does not know this kind of request',
    hint: 'See that S3Endpoint in StorageConfig is an S3 API, not a web console, and that nothing old stands before it.',
  },
  {
    codes: ['NoSuchKey', 'NotFound'],
    message: 'there is no such object',
    hint: 'See the listing of the store: it may have been removed, or expired by a lifecycle rule.',
  },
  {
    codes: [
      'SlowDown',
      'SlowDownRead',
      'SlowDownWrite',
      'ServiceUnavailable',
      'ServiceUnavailableException',
      'Busy',
      'Throttling',
      'ThrottlingException',
      'TooManyRequests',
      'TooManyRequestsException',
      'RequestLimitExceeded',
      'BandwidthLimitExceeded',
      'PriorRequestNotComplete',
      'OperationMaxedOut',
      'QpsLimitExceeded',
      'TotalQpsLimitExceeded',
      'UploadTrafficRateLimitExceeded',
      'DownloadTrafficRateLimitExceeded',
    ],
    statuses: [425, 429, 503],
    message: 'the store is overloaded and kept refusing',
    hint: 'See the state of the store; lower limits.concurrency if many nodes upload at once.',
    passes: 'soon',
  },
  {
    codes: ['ENOTFOUND', 'EAI_AGAIN'],
    message: "the name of the store's endpoint does not resolve on this node",
    hint: 'Correct S3Endpoint in StorageConfig: a crash is handled on the host, where cluster names (*.svc) do not resolve by themselves.',
    passes: 'soon',
  },
  {
    codes: ['ECONNREFUSED'],
    message: "nothing listens at the store's endpoint",
    hint: 'Start the store, or correct host and port of S3Endpoint in StorageConfig.',
    passes: 'soon',
  },
  {
    codes: ['EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN', 'ENETDOWN', 'EADDRNOTAVAIL'],
    message: "there is no route to the store's endpoint",
    hint: 'Check network, firewall and security groups between this node and S3Endpoint.',
    passes: 'soon',
  },
  {
    codes: [
      'TimeoutError',
      'ETIMEDOUT',
      'RequestTimeout',
      'RequestTimeoutException',
      'OperationTimedOut',
      'ESOCKETTIMEDOUT',
      'AbortError',
    ],
    statuses: [408, 504],
    message: 'the store does not answer in time',
    hint: 'Check the store, and the network and firewalls between this node and S3Endpoint.',
    passes: 'soon',
  },
  {
    codes: ['ECONNRESET', 'EPIPE', 'ECONNABORTED', 'ClientDisconnected'],
    message: 'the connection to the store broke',
    hint: 'Check the store and any proxy before it; see that http:// or https:// in S3Endpoint is what it speaks.',
    passes: 'soon',
  },
  {
    codes: [
      'IncompleteBody',
      'EntitySizeNotMatch',
      'BadDigest',
      'XAmzContentSHA256Mismatch',
      'XAmzContentChecksumMismatch',
    ],
    message: 'what reached the store is not what was sent',
    hint: 'Check the network and any proxy between this node and S3Endpoint: something cuts or changes requests.',
    passes: 'soon',
  },
  {
    codes: [
      'DEPTH_ZERO_SELF_SIGNED_CERT',
      'SELF_SIGNED_CERT_IN_CHAIN',
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      'UNABLE_TO_GET_ISSUER_CERT',
      'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
    ],
    message: "the store's certificate is not trusted",
    hint: 'Write the certificate of its authority into network.caBundle, name its file in network.caFile, or let the node itself trust it (update-ca-certificates, update-ca-trust).',
    passes: 'soon',
  },
  {
    codes: ['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID'],
    message: "the store's certificate is not valid today",
    hint: 'Renew the certificate of the store, or set the clock of the node.',
    passes: 'soon',
  },
  {
    codes: ['ERR_TLS_CERT_ALTNAME_INVALID'],
    message: "the store's certificate is for another name",
    hint: 'Name the store in S3Endpoint as its certificate does; with the bucket in the host name it must cover *.<endpoint>, else set addressing to path in StorageConfig.',
    passes: 'soon',
  },
  {
    codes: ['ProxyRefused'],
    statuses: [407],
    message: 'the proxy does not connect to the store',
    hint: 'Allow the store at the proxy, correct user and password in network.proxy, or name the store in network.noProxy.',
    passes: 'soon',
  },
  {
    codes: ['ProxyUnreachable'],
    message: 'the proxy cannot be reached',
    hint: 'Correct network.proxy, see why the proxy does not answer, or name the store in network.noProxy.',
    passes: 'soon',
  },
  {
    codes: ['EPROTO', 'ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_SSL_PACKET_LENGTH_TOO_LONG'],
    message: 'the store does not speak TLS at this port',
    hint: 'Begin S3Endpoint in StorageConfig with http://, or use the port for https.',
    passes: 'soon',
  },
  {
    codes: ['ENOSPC', 'EDQUOT'],
    message: 'the file system is full',
    hint: 'Remove old cores from CFSMountPath, or enlarge the file system or its quota.',
  },
  {
    codes: ['EROFS'],
    message: 'the file system is mounted read-only',
    hint: 'Mount CFSMountPath writable.',
  },
  {
    codes: ['EACCES', 'EPERM'],
    message: 'the file system refuses access',
    hint: 'Make the directory writable for root on this node: NFS exports with root_squash turn root into nobody.',
  },
  {
    codes: ['ELOOP', 'ENOTDIR'],
    message: 'the path leads over something that is no directory',
    hint: 'Replace the symbolic link or file below CFSMountPath by a directory: links are not followed there.',
  },
  {
    codes: ['EndlessAnswer'],
    message: 'the store answers without an end',
    hint: 'See that S3Endpoint in StorageConfig is an S3 API: nothing that S3 answers is so long.',
  },
  {
    codes: ['ESTALE', 'EIO', 'ENOTCONN', 'EREMOTEIO'],
    message: 'the mounted file system does not work',
    hint: 'Look at the server of CFSMountPath, then mount it again.',
  },
  {
    codes: ['ENAMETOOLONG'],
    message: 'the file system does not take such a long name',
    hint: 'Shorten StoreDir in StorageConfig.',
  },
  {
    codes: [
      'InternalError',
      'InternalServerError',
      'InternalFailure',
      'OperationAborted',
      'ConditionalRequestConflict',
      'ConcurrentModification',
      'ServerNotInitialized',
      'XMinioServerNotInitialized',
      'XMinioBackendDown',
    ],
    statuses: [500, 502],
    message: 'the store failed',
    hint: "Look into the store's own log.",
    passes: 'soon',
  },
]
