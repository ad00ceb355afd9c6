// Puts one version of the configuration after the other into a folder, until the test kills it.
import { installConfiguration } from '../../../installer/node/host-configuration.ts'

const [folder = ''] = process.argv.slice(2)
for (let version = 0; ; version += 1) {
  const text = `# ${version}\n`
  await installConfiguration(folder, { text, secrets: version % 3 === 2 ? null : text })
  if (version === 1) process.stdout.write('going\n')
}
