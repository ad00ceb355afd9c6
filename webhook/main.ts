import { Argument, Command, Option } from 'commander'
import { messageOf, OperatorError } from '../crash/errors.ts'
import { VERSION } from '../crash/version.ts'
import { giveEachAddressTime } from '../network/connection-attempts.ts'
import { portNumber } from '../network/port-number.ts'
import { DEFAULT_KEY_FILES } from '../serving/certificate/key-files.ts'
import type { Options } from './options.ts'
import { runWebhook } from './run.ts'

const EPILOGUE = `
  POST /mutate  an AdmissionReview; no pod is ever refused
  GET /health   ok, while the process works
  GET /ready    ready, or 503 with the reason

On the metrics port, without TLS: /metrics, /health and /ready.

A certificate that is mounted, as cert-manager does it, is used and followed when it changes. Where none is, the webhook
makes its own, keeps it in the Secret, and puts its authority into the webhook configuration.

Exit code 0: told to stop. 1: it could not go on, and stderr says why and what to do.`

async function main(argv: readonly string[]): Promise<void> {
  giveEachAddressTime()
  const program = new Command('coredog-handler webhook')
    .description('Mounts a directory for cores into pods that ask for it with coredog.io/inject: "true".')
    .version(VERSION, '--version', 'print the version')
    .showHelpAfterError('(coredog-handler webhook --help tells more)')
    .addArgument(new Argument('[command]', 'serves until it is told to stop').choices(['run']).default('run'))
    .option('--port <number>', 'port of the webhook, with TLS', portNumber, 8443)
    .option('--metrics-port <number>', 'port of /metrics, without TLS', portNumber, 9465)
    .addOption(
      new Option('--cert-file <file>', 'certificate, as PEM')
        .env('WEBHOOK_CERT_FILE')
        .default(DEFAULT_KEY_FILES.certFile),
    )
    .addOption(
      new Option('--key-file <file>', 'its key, as PEM')
        .env('WEBHOOK_KEY_FILE')
        .default(DEFAULT_KEY_FILES.keyFile),
    )
    .option('--config-dir <dir>', 'directory with coredog.yaml', '/etc/coredog-config')
    .option('--secrets-dir <dir>', 'directory with coredog-secrets.yaml', '/etc/coredog-secrets')
    .option('--service <name>', 'Service that leads here', 'coredog-webhook')
    .option('--secret <name>', 'Secret for our own certificate', 'coredog-webhook-certificate')
    .option('--webhook-configuration <name>', 'MutatingWebhookConfiguration', 'coredog-webhook-config')
    .addHelpText('after', EPILOGUE)
    .action((_command: 'run', options: Options) => runWebhook(options))
  try {
    await program.parseAsync(argv, { from: 'user' })
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n${error instanceof OperatorError ? `${error.hint}\n` : ''}`)
    process.exitCode = 1
  }
}

// Not top-level await: the bundle is CommonJS.
void main(process.argv.slice(2))
