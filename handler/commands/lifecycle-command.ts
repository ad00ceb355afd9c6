import type { Command } from 'commander'
import type { Config } from '../../config/config.ts'
import { readConfig } from '../../config/read-config.ts'
import { ignoreClosedReader } from '../../crash/closed-reader.ts'
import { OperatorError } from '../../crash/errors.ts'
import { Network } from '../../network/network.ts'
import type { BucketRules } from '../../storage/bucket-rules.ts'
import { openStore } from '../../storage/open-store.ts'
import { belowRoot } from '../from-file/below-root.ts'
import { readHandoff } from '../handoff/handoff.ts'
import { handoffAccess } from '../handoff/handoff-access.ts'
import { lifecycleFaults } from './lifecycle-faults.ts'
import { lifecycleRules, type Wanted, wantedRules } from './lifecycle-rules.ts'

const EPILOGUE = `
On stdout comes what aws s3api put-bucket-lifecycle-configuration takes. That replaces all rules of the bucket: add those
that are there already. On stderr comes what is wrong with those that are there. Nothing is changed.

With retention.by: lifecycle a rule removes crashes, by their tag. Rules for older versions are printed unless the
bucket says that it keeps none.

Exit code: 0 the bucket has the rules, 1 it has not, or does not say.

Examples:
  coredog-handler lifecycle > rules.json
  aws s3api put-bucket-lifecycle-configuration --bucket crashes --lifecycle-configuration file://rules.json
  kubectl -n coredog-system exec daemonset/coredog-installer -- /app/coredog-handler lifecycle --root=/host`

const LONGEST_MS = 30_000

/** `lifecycle`. `configFile`: where it is on a node whose root is there. Sets process.exitCode. */
export function addLifecycleCommand(program: Command, configFile: (root: string) => string): void {
  program
    .command('lifecycle')
    .description('print the rules by which the bucket removes what is old, and check those that it has')
    .option('--root <directory>', "where the node's root file system is", '/')
    .addHelpText('after', EPILOGUE)
    .action(async ({ root }: { root: string }) => {
      const { config } = await readConfig(configFile(root))
      show(wantedRules(config), await bucketRules(belowRoot(config, root)))
    })
}

function show(wanted: Wanted, found: BucketRules): void {
  ignoreClosedReader()
  const Rules = lifecycleRules(wanted, found.keepsVersions)
  process.stdout.write(`${JSON.stringify({ Rules }, null, 2)}\n`)
  const faults = lifecycleFaults(wanted, found)
  if (faults.length > 0) process.exitCode = 1
  const root =
    wanted.prefix === '' ? ['StorageConfig.StoreDir is /: these rules are for the whole bucket'] : []
  for (const line of [...faults, ...root]) process.stderr.write(`${line}\n`)
}

function bucketRules({ storage, network, paths }: Config): Promise<BucketRules> {
  const store = openStore(storage, handoffAccess(readHandoff(paths.run), new Network(network)))
  if (store.traits.isRemote) return store.bucketRules(AbortSignal.timeout(LONGEST_MS))
  throw new OperatorError(
    'Cannot print rules of a bucket: cores go to a mounted file system',
    'Set retention in coredog.yaml: then CoreDog removes what is old.',
  )
}
