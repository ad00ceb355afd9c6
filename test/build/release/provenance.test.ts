import assert from 'node:assert/strict'
import { it } from 'node:test'
import { buildOf, provenanceOf } from '../../../build/release/provenance.ts'

const US = 'https://github.com/coredog/coredog'

it('says which workflow made it, of which sources', () => {
  const env = {
    GITHUB_WORKFLOW_REF: 'coredog/coredog/.github/workflows/release.yaml@refs/tags/v0.1.0',
    GITHUB_SHA: 'b'.repeat(40),
    GITHUB_REF: 'refs/tags/v0.1.0',
    GITHUB_EVENT_NAME: 'push',
    GITHUB_RUN_ID: '17',
    GITHUB_RUN_ATTEMPT: '2',
  }
  assert.deepEqual(provenanceOf(buildOf(env, 'not asked')), {
    buildDefinition: {
      buildType: 'https://actions.github.io/buildtypes/workflow/v1',
      externalParameters: {
        workflow: { ref: 'refs/tags/v0.1.0', repository: US, path: '.github/workflows/release.yaml' },
      },
      internalParameters: { github: { event_name: 'push' } },
      resolvedDependencies: [{ uri: `git+${US}@refs/tags/v0.1.0`, digest: { gitCommit: 'b'.repeat(40) } }],
    },
    runDetails: {
      builder: { id: 'https://github.com/coredog/coredog/.github/workflows/release.yaml@refs/tags/v0.1.0' },
      metadata: { invocationId: `${US}/actions/runs/17/attempts/2` },
    },
  })
})

it('claims no workflow where there was none', () => {
  const text = JSON.stringify(provenanceOf(buildOf({}, 'c'.repeat(40))))
  assert.doesNotMatch(text, /workflows|actions/)
  assert.match(text, new RegExp(`"gitCommit":"${'c'.repeat(40)}"`))
})
