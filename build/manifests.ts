/** `npm run manifests`: makes deploy/coredog.yaml, all of CoreDog as one file, from deploy/kustomization.yaml. */
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import path from 'node:path'

const DEPLOY = path.resolve(import.meta.dirname, '../deploy')

const HEADER = `# All of CoreDog: edit coredog.yaml in the ConfigMap, then kubectl apply -f coredog.yaml
# For Kubernetes 1.28 and newer. Before that, leave out the matchConditions of the MutatingWebhookConfiguration.
# Made by \`npm run manifests\` from base/, where the reasons are. Change it there.
`

// kubectl's own kustomize, so that this file is to the letter what \`kubectl apply -k\` would apply.
const objects = execFileSync('kubectl', ['kustomize', DEPLOY], { encoding: 'utf8' })
writeFileSync(path.join(DEPLOY, 'coredog.yaml'), HEADER + objects)
