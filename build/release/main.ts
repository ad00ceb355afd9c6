/** `npm run release -- STEP`: what .github/workflows/release.yaml does, a step each. */
import { execFileSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { messageOf, OperatorError } from '../../crash/errors.ts'
import { ROOT } from '../bundle.ts'
import { announce } from './announce.ts'
import { checkRelease } from './check-release.ts'
import { logIn } from './log-in.ts'
import { makeRelease } from './make-release.ts'
import { assertOnMain } from './on-main.ts'
import { buildOf, provenanceOf } from './provenance.ts'
import { publish } from './publish.ts'
import { rehearse } from './rehearse.ts'
import { REGISTRY, releaseFor } from './release.ts'
import { WORKFLOW } from './signer.ts'
import { verify } from './verify.ts'

const USAGE = `Usage: npm run release -- STEP [--tag=vVERSION] [--arch=ARCH]

The steps of a release, in their order. ARCH is x64, arm64, or all, which is one image for both.

  check      whether --tag is the version that the sources are everywhere, with its notes, and on main
  make       dist/release: image, chart, manifests, handlers, SBOM, checksums, notes
  login      to ${REGISTRY}, as GITHUB_ACTOR with GITHUB_TOKEN
  publish    image and chart to ${REGISTRY}, signed by the workflow that runs it, with provenance and SBOM
  verify     that all of these are there and hold, as anybody can
  announce   the release on GitHub, with its files

  rehearse   all of them on this machine: a registry of its own, a key that is thrown away, no GitHub; dist/rehearsal
`

const RELEASE = releaseFor(REGISTRY)

interface Options {
  readonly tag: string
  readonly architecture: string
}

const STEPS: Readonly<
  Record<string, (options: Options) => AsyncGenerator<string> | Promise<string> | string>
> = {
  check: async ({ tag }) => {
    checkRelease(tag)
    await assertOnMain(ROOT)
    return `${tag} is what the sources are, and on main`
  },
  make: async ({ architecture }) => (await makeRelease(RELEASE, architecture)).digest,
  login: () => logIn(RELEASE, process.env.GITHUB_ACTOR ?? '', process.env.GITHUB_TOKEN ?? ''),
  publish: async () => {
    await publish(RELEASE, WORKFLOW, source().provenance)
    return `${RELEASE.image}:${RELEASE.version} is published`
  },
  verify: verifyAll,
  announce: () => announce(RELEASE),
  rehearse: ({ architecture }) => rehearse(architecture, source()),
}

async function main(): Promise<void> {
  const { step, ...options } = wished()
  if (step === 'help') return void process.stdout.write(USAGE)
  const run = Object.hasOwn(STEPS, step) ? STEPS[step] : undefined
  if (run === undefined)
    throw new OperatorError(
      step === '' ? 'Cannot release: no step is named' : `Cannot do "${step}"`,
      '"npm run release -- --help" says what there is.',
    )
  const said = await run(options)
  if (typeof said === 'string') return void process.stdout.write(`${said}\n`)
  for await (const line of said) process.stdout.write(`${line}\n`)
}

function wished(): Options & { readonly step: string } {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      tag: { type: 'string', default: '' },
      arch: { type: 'string', default: 'all' },
      help: { type: 'boolean', default: false },
    },
  })
  const [step = ''] = values.help ? ['help'] : positionals
  return { step, tag: values.tag, architecture: values.arch }
}

async function* verifyAll(): AsyncGenerator<string> {
  const scratch = await mkdtemp(path.join(tmpdir(), 'coredog-verify-'))
  try {
    yield* verify(RELEASE, { ...WORKFLOW, commit: source().commit }, scratch)
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

function source(): { readonly commit: string; readonly provenance: object } {
  const commit = execFileSync('git', ['rev-parse', 'HEAD'], { encoding: 'utf8' }).trim()
  return { commit, provenance: provenanceOf(buildOf(process.env, commit)) }
}

try {
  await main()
} catch (thrown) {
  process.stderr.write(`${messageOf(thrown)}\n${thrown instanceof OperatorError ? `${thrown.hint}\n` : ''}`)
  process.exitCode = 1
}
