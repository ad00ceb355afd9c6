import type { ChannelKind } from './chats.ts'
import type { DUMPS } from './dumps.ts'
import type { LanguageName } from './languages.ts'
import type { ReceiverConfig } from './receivers/all.ts'
import type { Severity } from './severities.ts'
import type { TemplateVariable } from './template-variables.ts'

/** What `coredog.yaml` says, parsed: every value is present and valid. {@link parseConfig} makes it. */
export interface Config {
  /** What reports and messages call the cluster; `null`: as the installer finds it. */
  readonly cluster: string | null
  readonly storage: StorageConfig
  readonly network: NetworkConfig
  readonly notice: NoticeConfig
  readonly collect: CollectConfig
  /** Who is asked for names of stripped programs, in this order. */
  readonly symbols: readonly SymbolSourceConfig[]
  readonly compression: Compression
  /** 1 (fast) to 9 (small). */
  readonly compressionLevel: number
  readonly limits: LimitsConfig
  readonly dedupe: DedupeConfig
  readonly spool: SpoolConfig
  readonly retention: RetentionConfig
  readonly quota: QuotaConfig
  readonly runtime: RuntimeConfig
  readonly paths: PathsConfig
  readonly coreSight: CoreSightConfig
  readonly customHandler: CustomHandlerConfig
  /** Programs that are told of crashes over HTTP. */
  readonly receivers: readonly ReceiverConfig[]
  readonly fallback: FallbackConfig
  readonly metrics: MetricsConfig
  /** A node without an installer for so long leaves CoreDog by itself; 0: never. */
  readonly uninstallAfterSeconds: number
}

export interface MetricsConfig {
  /** Whether metrics name namespaces and containers of crashes. */
  readonly namespaces: boolean
}

/** A folder of the store below `StoreDir`, or a server as debuginfod is one: http(s), without a slash at its end. */
export type SymbolSourceConfig =
  | { readonly kind: 'folder'; readonly prefix: string }
  | { readonly kind: 'server'; readonly url: string }

export type Compression = 'gzip' | 'zstd' | 'none'

/** `StorageConfig` of the original CoreDog. `null` as credentials: take the AWS default chain. */
export type StorageConfig = ObjectStorageConfig | FileStorageConfig

export interface ObjectStorageConfig {
  readonly protocol: 's3' | 'cos' | 'oss'
  readonly bucket: string
  readonly region: string
  /** With its scheme; `null`: AWS's own endpoint of the region. */
  readonly endpoint: string | null
  readonly credentials: Credentials | null
  /** Where the bucket stands in a URL; default `auto`: by protocol and endpoint, see s3Dialect. */
  readonly addressing?: 'auto' | 'virtual' | 'path'
  /** Asked for with each object; absent: as the bucket has it. */
  readonly encryption?: EncryptionConfig
  /** For how long one part is tried, in seconds; default 30. */
  readonly patienceSeconds?: number
  /** For `retention.by: lifecycle`. */
  readonly tagsCrashes?: true
  /** Prefix of every key, without slashes at its ends; may be empty. */
  readonly storeDir: string
  /** 1 to 604800. */
  readonly presignedUrlExpireSeconds: number
}

export interface EncryptionConfig {
  readonly algorithm: 'AES256' | 'aws:kms' | 'aws:kms:dsse'
  /** Of KMS; absent: the store chooses. */
  readonly keyId?: string
}

export interface FileStorageConfig {
  readonly protocol: 'cfs'
  /** Where the shared file system is mounted; it must exist. */
  readonly mountPath: string
  /** For how long one step of storing may take, in seconds; default 30. */
  readonly patienceSeconds?: number
  readonly storeDir: string
}

export interface Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

/** How what is outside of the node is reached, by all programs. */
export interface NetworkConfig {
  /** Certificates of authorities that are trusted besides Node's own list and the node's, as PEM. */
  readonly authorities: readonly string[]
  /** Where more of them are; empty: nowhere. {@link withAuthorities} puts them into `authorities`. */
  readonly caFile: string
  /** `http:` or `https:`, with a password perhaps; a secret. */
  readonly proxy: string | null
  /** Hosts, domains, addresses and networks that are asked directly. */
  readonly noProxy: readonly string[]
}

export interface NoticeConfig {
  readonly channels: readonly ChannelConfig[]
  /** The user's own text with `{pod.name}`-like variables; `null`: our own message. */
  readonly messageTemplate: string | null
  /** More variables for the template: `{key}` becomes the value. */
  readonly messageLabels: Readonly<Record<string, string>>
  /** How chats are told to get a core; absent: by command where the API is installed, by links elsewhere. */
  readonly downloadLink?: DownloadLink
  /** How much of a crash the chats are told; absent: `full`. */
  readonly detail?: Detail
  /** So many last lines of the container's log are shown; absent: none but a runtime's. */
  readonly logLines?: number
  /** Of the operator, shown with each crash; absent: none. */
  readonly links?: readonly LinkTemplate[]
}

/** `presigned`: by links, that whoever has them opens; `command`: by `kubectl coredog`; `none`: not at all. */
export type DownloadLink = 'presigned' | 'command' | 'none'

/** A link of which a part is about the crash. Its label is markup in no chat. */
export interface LinkTemplate {
  readonly label: string
  /** Text of the operator, which begins with `http://` or `https://` and a host, and values. */
  readonly parts: readonly (string | LinkValue)[]
}

/** A time is that of the crash, `time.s` and `time.ms` since 1970. */
export type LinkValue =
  | { readonly name: Exclude<TemplateVariable, 'time'> }
  | { readonly name: 'time' | 'time.s' | 'time.ms'; readonly shiftSeconds: number }

/**
 * `full`: all there is. `frames`: the stack, and nothing that the program itself said. `names`: who, by which
 * signal, and where the core lies.
 */
export type Detail = 'full' | 'frames' | 'names'

export interface ChannelConfig {
  readonly kind: ChannelKind
  /** A secret: with it one can write to the chat. Never logged. */
  readonly webhookUrl: string
  /** The notification is sent only if the core's path contains it; empty: always. */
  readonly keyword: string
  /** Patterns, in which `*` is any letters; absent: of all, and of what is in no namespace. */
  readonly namespaces?: readonly string[]
  /** Of a pod that has all of these; absent: of all. */
  readonly labels?: Readonly<Record<string, string>>
  /** `new`: the first crash of a bug, and lost cores; `lost`: cores that are lost or not whole; absent: all. */
  readonly severity?: Exclude<Severity, 'all'>
  /**
   * Signs the request, where the chat can be set to ask for it ({@link SigningKind}); `null`: it is not
   * signed.
   */
  readonly secret: string | null
  /** What its messages are written in; absent: `en`. */
  readonly language?: LanguageName
  /** Ids of those who are called by what {@link isCalling} says, as this kind of chat has them; absent: nobody. */
  readonly mentions?: readonly string[]
}

export interface CollectConfig {
  readonly pods: 'annotated' | 'all' | 'none'
  /** Empty: every namespace. */
  readonly includeNamespaces: readonly string[]
  readonly excludeNamespaces: readonly string[]
  readonly hostProcesses: 'forward' | 'collect' | 'drop'
  readonly arguments: 'redacted' | 'none'
  /** Of a container's log, the last ones; 0: none. */
  readonly logLines: number
  readonly binaries: 'off' | 'executable' | 'modules'
  /** Where in a core known secrets are blanked. */
  readonly scrub: 'off' | 'stacks' | 'all'
  readonly dump: Dump
  /** No more is kept, whatever `dump` or a pod says. */
  readonly dumpCeiling: Dump
}

/** How much of a core is kept, from the least on. `private`: no shared memory. `full`: all that the kernel writes. */
export type Dump = (typeof DUMPS)[number]

export interface LimitsConfig {
  /** 0: no limit. */
  readonly maxCoreBytes: number
  /** 0: no limit. */
  readonly maxHoldSeconds: number
  /** What a pod may ask for counts as at least so much; 0: whatever it asks for. */
  readonly leastHoldSeconds: number
  /** Of each core is kept on the node even where the spool has no room. */
  readonly salvageBytes: number
  readonly concurrency: number
  /** For a slot. */
  readonly maxWaitSeconds: number
  /** Cores of one workload and hour on a node; 0: no limit. */
  readonly perWorkload: number
  /** For all handlers of a node together; 0: no limit. */
  readonly memoryBytes: number
  /** For all handlers of a node together, beside `memoryBytes`; `auto`: as a node has memory. 0: nothing is read ahead. */
  readonly readAheadBytes: number | 'auto'
  /** Of one file of code; 0: no limit. */
  readonly binaryBytes: number
  /** 0: no limit. */
  readonly binariesPerNamespaceBytes: number
}

export interface DedupeConfig {
  /** 0: off. */
  readonly windowSeconds: number
  readonly keep: number
  /** `cluster`: where the store has conditional writes. */
  readonly scope: 'cluster' | 'node'
  /** What is kept of the core of a crash that is only counted, if it has a report. */
  readonly after: 'none' | 'stacks'
}

export interface SpoolConfig {
  readonly dir: string
  readonly maxBytes: number
  /** The share of `maxBytes` that crashes of one namespace may take, 0 to 1. */
  readonly perNamespace: number
  /** Share of the file system that stays free, 0 to 1. */
  readonly keepFree: number
}

/** What stays stored of each namespace; 0: no limit. All 0, the default: nothing is ever removed. */
export interface RetentionConfig {
  /** Who removes crashes: `lifecycle` is the bucket itself. */
  readonly by: 'coredog' | 'lifecycle'
  readonly maxAgeSeconds: number
  readonly maxCount: number
  readonly maxBytes: number
  /** Whatever their age. */
  readonly minOfGroup: number
}

export interface QuotaConfig {
  /** In the store; 0: no limit. */
  readonly namespaceBytes: number
}

interface RuntimeConfig {
  /** CRI sockets, tried in order. */
  readonly sockets: readonly string[]
}

/** The handler's fixed places on the host. Tests and a second install on one node move them. */
export interface PathsConfig {
  readonly log: string
  readonly state: string
  readonly run: string
}

export interface CoreSightConfig {
  readonly enabled: boolean
  /** `null`: it is to come from the installer's environment, or nothing is reported. */
  readonly url: string | null
  readonly token: string | null
}

export interface CustomHandlerConfig {
  readonly enabled: boolean
  readonly script: string
  readonly timeoutSeconds: number
  readonly skipDefaultNotify: boolean
  readonly skipCoreSight: boolean
}

/**
 * Levels of Pod Security Admission, see https://kubernetes.io/docs/concepts/security/pod-security-standards/.
 */
export type PodSecurityLevel = 'privileged' | 'baseline' | 'restricted'

/** The original CoreDog's way: cores as files in a hostPath directory. */
export interface FallbackConfig {
  /** The webhook mounts {@link dumpsDir} into pods, and the installer watches it. */
  readonly hostPath: boolean
  /** The installer sets a core_pattern that is a file, not our pipe. */
  readonly corePattern: boolean
  /** On the node. */
  readonly dumpsDir: string
  /** Of one pod; 0: no limit. */
  readonly maxPodBytes: number
  readonly concurrency: number
  /** What a namespace without a label enforces. */
  readonly podSecurityDefault: PodSecurityLevel
  /** Where an installation of old has the dumps directory mounted in the agent's own container. */
  readonly corefileDir: string
  readonly deleteLocalCorefile: boolean
  /** How a collected file goes away: removed, or kept at no length. */
  readonly deleteBy: 'rm' | 'truncate'
}
