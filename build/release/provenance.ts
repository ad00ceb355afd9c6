import { REPOSITORY } from '../repository.ts'

/** What made a release, of what. */
export interface Build {
  /** Of the sources. */
  readonly commit: string
  /** `refs/tags/v0.1.0` */
  readonly ref: string
  /** The workflow file and its ref, as GitHub says it; `null` on a machine of somebody's own. */
  readonly workflow: string | null
  readonly invocation: string
  readonly event: string
}

// slsa-framework/github-actions-buildtypes says what is in it.
const WORKFLOW = 'https://actions.github.io/buildtypes/workflow/v1'
const BY_HAND = `${REPOSITORY}/tree/main/build/release`

/** The predicate of SLSA's provenance, version 1: cosign adds whose it is, and the signature. */
export function provenanceOf(build: Build): object {
  const { workflow, commit, ref } = build
  return {
    buildDefinition: {
      buildType: workflow === null ? BY_HAND : WORKFLOW,
      externalParameters: { workflow: { ref, repository: REPOSITORY, path: pathOf(workflow) } },
      internalParameters: { github: { event_name: build.event } },
      resolvedDependencies: [{ uri: `git+${REPOSITORY}@${ref}`, digest: { gitCommit: commit } }],
    },
    runDetails: {
      builder: { id: workflow === null ? BY_HAND : `https://github.com/${workflow}` },
      metadata: { invocationId: build.invocation },
    },
  }
}

/** `owner/name/.github/workflows/release.yaml@refs/tags/v0.1.0` */
function pathOf(workflow: string | null): string {
  return workflow?.split('@')[0]?.split('/').slice(2).join('/') ?? 'build/release/main.ts'
}

/** What GitHub tells its steps, or nobody on a machine of somebody's own. */
export function buildOf(env: NodeJS.ProcessEnv, commit: string): Build {
  const { GITHUB_WORKFLOW_REF: workflow = null, GITHUB_RUN_ID: run, GITHUB_RUN_ATTEMPT: attempt } = env
  return {
    ...{ workflow, commit: env.GITHUB_SHA ?? commit },
    ref: env.GITHUB_REF ?? 'HEAD',
    event: env.GITHUB_EVENT_NAME ?? 'by hand',
    invocation: run === undefined ? BY_HAND : `${REPOSITORY}/actions/runs/${run}/attempts/${attempt}`,
  }
}
