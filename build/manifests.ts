/**
 * `npm run manifests`: makes deploy/coredog.yaml and deploy/coredog-fallback.yaml, each all of CoreDog as one
 * file, and deploy/coredog-api.yaml, which is added to either.
 */
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import path from 'node:path'

const DEPLOY = path.resolve(import.meta.dirname, '../deploy')

const MADE = `# Made by \`npm run manifests\` from the folders beside it, which say the reasons. Change those.
`

write(
  'coredog.yaml',
  '.',
  `# All of CoreDog: edit coredog.yaml in the ConfigMap, then kubectl apply -f coredog.yaml
`,
)
write(
  'coredog-fallback.yaml',
  'overlays/fallback',
  `# CoreDog with cores as files: edit coredog.yaml in the ConfigMap, then kubectl apply -f coredog-fallback.yaml
# For Kubernetes 1.30 and newer. Before that, leave out ValidatingAdmissionPolicy and its Binding; before 1.28
# also the matchConditions of the MutatingWebhookConfiguration.
`,
)
write(
  'coredog-api.yaml',
  'api',
  `# Cores as a resource of the cluster, beside CoreDog: kubectl apply -f coredog-api.yaml
# For Kubernetes 1.30 and newer. Before that, leave out ValidatingAdmissionPolicy and its Binding.
`,
)

// kubectl's own kustomize, so that the file is to the letter what `kubectl apply -k` would apply.
function write(file: string, folder: string, header: string): void {
  const objects = execFileSync('kubectl', ['kustomize', path.join(DEPLOY, folder)], { encoding: 'utf8' })
  writeFileSync(path.join(DEPLOY, file), header + MADE + objects)
}
