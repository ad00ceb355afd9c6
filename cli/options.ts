import { type Command, InvalidArgumentError, Option } from 'commander'

/** What every command takes, before its name or behind it. */
export interface GlobalOptions extends ClusterOptions, StoreOptions {
  readonly namespace?: string
  readonly allNamespaces?: boolean
}

/** Which cluster, as kubectl has it. */
export interface ClusterOptions {
  readonly namespace?: string
  readonly kubeconfig?: string
  readonly context?: string
  readonly as?: string
  readonly asGroup?: readonly string[]
  /** Until an answer begins. */
  readonly requestTimeout: number
}

/** Which store, where no cluster is asked. */
export interface StoreOptions {
  readonly config?: string
  readonly secretsDir?: string
  /** `s3://name/prefix`, or a directory. */
  readonly bucket?: string
  readonly endpoint?: string
  readonly region?: string
  /** What the configuration or the installer calls the cluster: `_none` where it has no name. */
  readonly cluster?: string
}

const CLUSTER = 'Which cluster:'
const STORE = 'Without a cluster, on the store itself:'

export function addGlobalOptions(program: Command): void {
  const grouped = (heading: string, ...options: readonly Option[]) => {
    for (const option of options) program.addOption(option.helpGroup(heading))
  }
  grouped(
    CLUSTER,
    new Option('-n, --namespace <name>', 'where the pod was (default: that of the context)'),
    new Option('-A, --all-namespaces', 'in all namespaces'),
    new Option('--context <name>', 'which context of the kubeconfig'),
    new Option('--kubeconfig <file>', 'which kubeconfig (default: as kubectl has it)'),
    new Option('--as <user>', 'impersonate a user'),
    new Option(
      '--as-group <group>',
      'impersonate a group, and more of them where it is given again',
    ).argParser(collected),
    new Option('--request-timeout <seconds>', 'how long to wait for an answer to begin')
      .argParser(seconds)
      .default(30),
  )
  grouped(
    STORE,
    new Option('--config <coredog.yaml>', 'the store that this configuration names'),
    new Option('--secrets-dir <dir>', 'where coredog-secrets.yaml is, if not beside it'),
    new Option(
      '--bucket <s3://name/prefix>',
      'a bucket, or a directory; credentials as the AWS CLI finds them',
    ),
    new Option('--endpoint <url>', 'the server of the bucket, where it is not Amazon'),
    new Option('--region <name>', 'the region of the bucket'),
    new Option('--cluster <name>', 'crashes of which cluster (default: all that the store has)'),
  )
}

/** Whether a store is named, so that no cluster is asked. */
export function namesStore({ config, bucket }: StoreOptions): boolean {
  return config !== undefined || bucket !== undefined
}

function collected(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value]
}

/** `30`, `30s`, `2m`, as kubectl takes it. */
function seconds(text: string): number {
  const [, digits = '', unit = 's'] = /^(\d{1,6})([smh]?)$/.exec(text) ?? []
  const each = { '': 1, s: 1, m: 60, h: 3600 }[unit] ?? 1
  if (digits === '' || Number(digits) === 0) throw new InvalidArgumentError('It is a time: 30s, 2m.')
  return Number(digits) * each
}
