import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { it } from 'node:test'
import { isDeployed, selectsPods } from './deployed.ts'
import { blocksIn, DOCUMENTS, ROOT } from './documents.ts'
import { type Command, commandsIn } from './shell.ts'

/**
 * What people are told to type has to be there: the programs of ours, what they know, and what they are asked
 * for.
 */
const CHECKS: Readonly<Record<string, (command: Command) => void>> = {
  kubectl: command => (command[1] === 'coredog' ? checkPlugin : checkKubectl)(command),
  helm: checkHelm,
  npm: checkNpm,
  chroot: ([, , ...command]) => check(command),
  'coredog-handler': checkOurProgram,
}

const LANGUAGES = ['sh', 'yaml', 'json', 'text', 'c', 'js', 'sql']

it('each block says what it is', () => {
  const ours = DOCUMENTS.filter(({ file }) => !file.startsWith('deploy/'))
  const silent = ours.flatMap(({ blocks }) => blocks).filter(({ language }) => !LANGUAGES.includes(language))
  assert.deepEqual(
    silent.map(({ place }) => place),
    [],
  )
})

for (const { place, text, mark } of blocksIn('sh')) {
  it(`${place}: commands are such that can be given`, () => {
    const { stderr } = spawnSync('bash', ['--norc', '-n'], { input: text, encoding: 'utf8' })
    assert.equal(stderr, '')
    // Those of the original CoreDog are about what it left.
    if (mark !== 'original') for (const command of commandsIn(text)) check(command)
  })
}

it('a command that names what is not there is found', () => {
  for (const right of ['kubectl coredog debug 3f2a9c01d4e5 -n shop --bucket s3://x -- --args'])
    commandsIn(right).forEach(check)
  for (const wrong of [
    'kubectl -n coredog-system logs daemonset/coredog-watcher',
    'kubectl -n coredog-system logs -l app.kubernetes.io/component=watcher',
    'kubectl get mutatingwebhookconfiguration coredog',
    'kubectl -n coredog-system exec POD -- cat /proc/sys/kernel/core_pattern',
    'kubectl apply -k deploy/overlays/nowhere',
    'npm run nothing',
    'coredog-handler self-test --sent',
    'coredog-handler installer instal --host-root=/',
    './coredog-handler webhook run --certificate=x',
    'helm install coredog deploy/chart --set image.tags=1',
    'kubectl coredog debgu 3f2a9c01d4e5',
    'kubectl coredog debug 3f2a9c01d4e5 --bukcet s3://x',
  ]) {
    assert.throws(() => commandsIn(wrong).forEach(check), assert.AssertionError, wrong)
  }
})

function check(command: Command): void {
  CHECKS[path.basename(command[0] ?? '')]?.(command)
}

function checkKubectl(command: Command): void {
  const end = command.indexOf('--')
  const [own, inner] = end < 0 ? [command, []] : [command.slice(0, end), command.slice(end + 1)]
  const ours = /^coredog-system$/.test(optionOf(own, '-n', '--namespace') ?? '')
  const selector = optionOf(own, '-l', '--selector')
  if (ours && selector !== undefined) assert.ok(selectsPods(selector), `no pod has ${selector}`)
  for (const [kind, name] of objectsIn(own)) {
    if (ours || name.startsWith('coredog')) assert.ok(isDeployed(kind, name), `no ${kind} "${name}"`)
  }
  for (const file of [optionOf(own, '-f', '--filename'), optionOf(own, '-k', '--kustomize')]) checkOurs(file)
  if (!ours || inner.length === 0) return
  // Our image has nothing else.
  assert.ok(['chroot', '/app/coredog-handler'].includes(inner[0] ?? ''), `the image has no ${inner[0]}`)
  check(inner)
}

/** Behind `--` all is a debugger's. */
function checkPlugin([, , ...words]: Command): void {
  const [command = ''] = words
  const end = words.indexOf('--')
  const help = helpOf('cli', [command])
  assert.match(help, new RegExp(`^Usage: kubectl coredog ${command}\\b`), `there is no command ${command}`)
  for (const word of words.slice(0, end < 0 ? undefined : end))
    for (const [option] of word.matchAll(/^--?[a-z][a-z-]*/g))
      assert.match(help, new RegExp(`^ +(?:-\\w, )?${option}\\b`, 'm'), `${command} has no ${option}`)
}

const KINDS =
  /^(daemonsets?|deployments?|configmaps?|secrets?|services?|mutatingwebhookconfigurations?|ds|deploy|cm|ns|namespaces?)$/

/** `secret NAME…` and `secret/NAME`. What is created is not asked for. */
function objectsIn(command: Command): (readonly [string, string])[] {
  if (command.includes('create')) return []
  const named = command.flatMap(word => {
    const [kind = '', name] = word.split('/')
    return name !== undefined && KINDS.test(kind) && !name.includes('.') ? [[kind, name] as const] : []
  })
  const at = command.findIndex(word => KINDS.test(word))
  if (at < 0) return named
  const names = command.slice(at + 1, nextOption(command, at + 1)).filter(word => !word.includes('='))
  return [...named, ...names.map(name => [command[at] ?? '', name] as const)]
}

function nextOption(command: Command, from: number): number {
  const at = command.findIndex((word, index) => index >= from && word.startsWith('-'))
  return at < 0 ? command.length : at
}

function optionOf(command: Command, short: string, long: string): string | undefined {
  const at = command.findIndex(word => word === short || word === long)
  return at < 0 ? command.find(word => word.startsWith(`${long}=`))?.slice(long.length + 1) : command[at + 1]
}

/** Files of the reader's own are the reader's. */
function checkOurs(file: string | undefined): void {
  if (file?.startsWith('deploy')) assert.ok(existsSync(path.join(ROOT, file)), `there is no ${file}`)
}

function checkHelm(command: Command): void {
  checkOurs(command.find(word => word.startsWith('deploy/')))
  const values = readFileSync(path.join(ROOT, 'deploy/chart/values.yaml'), 'utf8')
  for (const [at, word] of command.entries()) {
    const key = word === '--set' ? command[at + 1]?.split('=')[0] : undefined
    for (const part of key?.split('.') ?? [])
      assert.match(values, new RegExp(`^ *${part}:`, 'm'), `values.yaml has no ${key}`)
  }
}

function checkNpm([, verb, script]: Command): void {
  if (verb !== 'run') return
  const { scripts } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'))
  assert.ok(Object.hasOwn(scripts, script ?? ''), `package.json has no ${script}`)
}

/** The handler, or another program that is a mode of it. */
function checkOurProgram(command: Command): void {
  const [first = '', ...rest] = command.slice(1)
  if (['installer', 'webhook', 'api'].includes(first)) checkOptions(first, rest)
  else checkOptions('handler', command.slice(1))
}

/** The program itself says what it knows. */
function checkOptions(program: string, words: readonly string[]): void {
  const depth = words[0] === 'symbols' ? 2 : 1
  const commands = words.filter(word => /^[a-z][a-z-]*$/.test(word)).slice(0, depth)
  const help = helpOf(program, commands)
  // Help for a command that does not exist is help for all.
  for (const command of commands) assert.match(help, new RegExp(`^Usage: coredog-.*\\b${command}\\b`))
  for (const [option] of words.flatMap(word => [...word.matchAll(/^--[a-z-]+/g)]))
    assert.match(help, new RegExp(`^ +(?:-\\w, )?${option}\\b`, 'm'), `${program} has no ${option}`)
}

const HELPS = new Map<string, string>()

function helpOf(program: string, commands: readonly string[]): string {
  const key = [program, ...commands].join(' ')
  const known = HELPS.get(key)
  if (known !== undefined) return known
  const main = path.join(ROOT, program, 'main.ts')
  const { stdout } = spawnSync(process.execPath, [main, ...commands, '--help'], { encoding: 'utf8' })
  HELPS.set(key, stdout)
  return stdout
}
