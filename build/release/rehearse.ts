import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { ROOT } from '../bundle.ts'
import { announce } from './announce.ts'
import { checkSources } from './check-release.ts'
import { type LocalRegistry, startRegistry } from './local-registry.ts'
import { logIn } from './log-in.ts'
import { makeRelease } from './make-release.ts'
import { publish } from './publish.ts'
import { releaseFor } from './release.ts'
import { throwAwaySigner } from './signer.ts'
import { verify } from './verify.ts'

// Not where a release lies that is to be published.
const FOLDER = path.join(ROOT, 'dist/rehearsal')

interface Source {
  readonly commit: string
  readonly provenance: object
}

/** Every step of a release, on this machine: into a registry of its own, signed with a key that is then thrown away. */
export async function* rehearse(architecture: string, source: Source): AsyncGenerator<string> {
  checkSources()
  yield 'check: all say the same version, and CHANGELOG.md says what is new in it'
  const scratch = await mkdtemp(path.join(tmpdir(), 'coredog-release-'))
  try {
    await using registry = await startRegistry(scratch)
    yield* stepsIn(registry, scratch, architecture, source)
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

async function* stepsIn(
  { name, user, password }: LocalRegistry,
  scratch: string,
  architecture: string,
  { commit, provenance }: Source,
): AsyncGenerator<string> {
  // What crane, cosign and Helm know of registries is the user's own: here they get another folder for it.
  const release = releaseFor(`${name}/coredog`, FOLDER, { DOCKER_CONFIG: scratch })
  const signer = await throwAwaySigner(scratch)
  const { digest } = await makeRelease(release, architecture)
  yield `make: ${release.files}, image ${digest}`
  yield `login: ${await logIn(release, user, password)}`
  await publish(release, signer, provenance)
  yield `publish: ${release.image}:${release.version} and oci://${release.chart}, signed`
  for await (const seen of verify(release, { ...signer, commit }, scratch)) yield `verify: ${seen}`
  const said = await announce(release, await standInForGitHub(scratch))
  yield `announce: ${said}`
}

/** There is no GitHub here: says what its program would be told, after a look whether the files are there. */
async function standInForGitHub(folder: string): Promise<string> {
  const program = path.join(folder, 'gh')
  await writeFile(program, STAND_IN, { mode: 0o755 })
  return program
}

const STAND_IN = `#!/bin/sh
set -e
[ "$2" != view ] || { echo 'release not found' >&2; exit 1; }
echo "gh $*"
for word; do
  case $word in
    --notes-file=*) test -s "\${word#*=}" ;;
    /*) test -s "$word" ;;
  esac
done
`
