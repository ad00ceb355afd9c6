import { Argument, Command, Option } from 'commander'
import { messageOf, OperatorError } from '../crash/errors.ts'
import { VERSION } from '../crash/version.ts'
import { giveEachAddressTime } from '../network/connection-attempts.ts'
import { portNumber } from '../network/port-number.ts'
import { API_KEY_FILES } from './key-files.ts'
import type { Options } from './options.ts'
import { runApi } from './run.ts'
import { keepHeapSmall } from './small-heap.ts'

const EPILOGUE = `
It is asked by the API server, which knows of it by an APIService, so that cores are had as any other resource:
  kubectl get cores -n shop
  kubectl get --raw /apis/coredog.io/v1alpha1/namespaces/shop/coredumps/NAME/proxy > core.gz

On the metrics port, without TLS: /metrics, /health and /ready.

A certificate that is mounted, as cert-manager does it, is used and followed when it changes. Where none is, it makes its
own, keeps it in the Secret, and puts its authority into the APIServices.

Exit code 0: told to stop. 1: it could not go on, and stderr says why and what to do.`

const OWN = 'v1alpha1.coredog.io'
const OF_THE_DETECTOR = 'v1alpha1.coredump.fujitsu.com'

async function main(argv: readonly string[]): Promise<void> {
  giveEachAddressTime()
  keepHeapSmall()
  const program = new Command('coredog-handler api')
    .description('Serves stored crashes as a resource of Kubernetes, guarded by RBAC.')
    .version(VERSION, '--version', 'print the version')
    .showHelpAfterError('(coredog-handler api --help tells more)')
    .addArgument(new Argument('[command]', 'serves until it is told to stop').choices(['run']).default('run'))
    .option('--port <number>', 'port of the server, with TLS', portNumber, 8443)
    .option('--metrics-port <number>', 'port of /metrics, without TLS', portNumber, 9465)
    .addOption(
      new Option('--cert-file <file>', 'certificate, as PEM')
        .env('API_CERT_FILE')
        .default(API_KEY_FILES.certFile),
    )
    .addOption(
      new Option('--key-file <file>', 'its key, as PEM').env('API_KEY_FILE').default(API_KEY_FILES.keyFile),
    )
    .option('--config-dir <dir>', 'directory with coredog.yaml', '/etc/coredog-config')
    .option('--secrets-dir <dir>', 'directory with coredog-secrets.yaml', '/etc/coredog-secrets')
    .option('--service <name>', 'Service that leads here', 'coredog-api')
    .option('--secret <name>', 'Secret for our own certificate', 'coredog-api-certificate')
    .option('--api-service <name...>', `APIServices that are to believe it (default: "${OWN}")`)
    .option(
      '--detector-paths',
      'answer under the paths of k8s-coredump-detector, too: group coredump.fujitsu.com',
      false,
    )
    .addHelpText('after', EPILOGUE)
    .action((_command: 'run', given: Given) => runApi(optionsOf(given)))
  try {
    await program.parseAsync(argv, { from: 'user' })
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n${error instanceof OperatorError ? `${error.hint}\n` : ''}`)
    process.exitCode = 1
  }
}

type Given = Omit<Options, 'apiService'> & { readonly apiService?: readonly string[] }

function optionsOf(given: Given): Options {
  const usual = given.detectorPaths ? [OWN, OF_THE_DETECTOR] : [OWN]
  return { ...given, apiService: given.apiService ?? usual }
}

// Not top-level await: the bundle is CommonJS.
void main(process.argv.slice(2))
