/** Where a release says its version, besides package.json. The pattern has it as `version`. */
interface Place {
  readonly file: string
  readonly pattern: RegExp
}

const IMAGE = /ghcr\.io\/coredog\/coredog:(?<version>[\w.+-]+)/g

export const PLACES: readonly Place[] = [
  { file: 'package-lock.json', pattern: /^ +"name": "coredog",\n +"version": "(?<version>[^"]+)"/gm },
  { file: 'deploy/chart/Chart.yaml', pattern: /^(?:appVersion|version): (?<version>\S+)$/gm },
  { file: 'deploy/chart/Chart.yaml', pattern: IMAGE },
  { file: 'deploy/base/daemon-set.yaml', pattern: IMAGE },
  { file: 'deploy/webhook/deployment.yaml', pattern: IMAGE },
  { file: 'deploy/api/deployment.yaml', pattern: IMAGE },
  { file: 'deploy/coredog.yaml', pattern: IMAGE },
  { file: 'deploy/coredog-api.yaml', pattern: IMAGE },
  { file: 'deploy/coredog-fallback.yaml', pattern: IMAGE },
  ...['README.md', 'README.zh-CN.md', 'docs/install.md', 'docs/zh-CN/install.md'].flatMap(file => [
    { file, pattern: IMAGE },
    { file, pattern: /\/releases\/download\/v(?<version>[^/\s]+)\//g },
    { file, pattern: /charts\/coredog --version (?<version>\S+)/g },
  ]),
  ...['docs/kubectl.md', 'docs/zh-CN/kubectl.md'].map(file => ({
    file,
    pattern: /\/releases\/download\/v(?<version>[^/\s]+)\//g,
  })),
  ...['docs/kind.md', 'docs/zh-CN/kind.md'].map(file => ({ file, pattern: IMAGE })),
  { file: 'deploy/chart/README.md', pattern: /charts\/coredog --version (?<version>\S+)/g },
  ...['docs/install.md', 'docs/zh-CN/install.md'].map(file => ({
    file,
    pattern: /release\.yaml@refs\/tags\/v(?<version>\S+)/g,
  })),
]

/** What says another version, or nothing where it should, in a line each. */
export function disagreements(version: string, textOf: (file: string) => string): string[] {
  return PLACES.flatMap(({ file, pattern }) => {
    const said = [...textOf(file).matchAll(pattern)].map(({ groups }) => groups?.version ?? '')
    if (said.length === 0) return [`${file}: says no version by ${pattern}`]
    return [...new Set(said)].filter(it => it !== version).map(it => `${file}: ${it}`)
  })
}
