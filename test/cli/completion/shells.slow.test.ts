import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { it } from 'node:test'
import { temporaryFolder } from '../../fakes/core-file.ts'
import { ENTRY } from '../../fakes/index-entry.ts'
import { findProgram } from '../../installed-program.ts'
import { placeProgram, RealTerminal } from '../real-terminal.ts'
import { addCrash, emptyStore } from '../stored-crash.ts'

const fish = findProgram('fish')
const hasZsh = RealTerminal.isThere && findProgram('zsh') !== null

it('zsh completes commands, values, files and ids in a real terminal', {
  skip: hasZsh ? false : 'zsh or tmux is not installed: .ci/install',
}, async () => {
  const { folder, store } = await emptyStore()
  await addCrash(store)
  writeFileSync(path.join(folder, 'coredog.yaml'), '')
  using terminal = new RealTerminal(['zsh', '-f'])
  terminal.enter('PS1="$ "; autoload -U compinit && compinit -u -D; clear')
  terminal.enter('source <(kubectl-coredog completion zsh); echo re""ady')
  await terminal.shows(/^ready$/m)
  terminal.type('kubectl-coredog lis')
  terminal.press('Tab')
  await terminal.shows(/^\$ kubectl-coredog list ?$/m)
  terminal.type('-o ')
  terminal.press('Tab')
  assert.doesNotMatch(await terminal.shows(/^(?:json|name) .*(?:wide|yaml)$|^wide$/m), /json.*-- json/)
  terminal.press('C-u')
  terminal.type(`kubectl-coredog --config ${folder}/core`)
  terminal.press('Tab')
  await terminal.shows(/\/coredog\.yaml ?$/m)
  terminal.press('C-u')
  terminal.type(`kubectl-coredog info --bucket ${folder} 3f`)
  terminal.press('Tab')
  await terminal.shows(new RegExp(`${ENTRY.id} ?$`, 'm'))
})

it('zsh says what the commands do', {
  skip: hasZsh ? false : 'zsh or tmux is not installed: .ci/install',
}, async () => {
  using terminal = new RealTerminal(['zsh', '-f'])
  terminal.enter('autoload -U compinit && compinit -u -D; source <(kubectl-coredog completion zsh)')
  terminal.enter('clear; echo re""ady')
  await terminal.shows(/^ready$/m)
  terminal.type('kubectl-coredog ')
  terminal.press('Tab')
  await terminal.shows(/^doctor +-- would a crash be collected, and if not why$/m)
})

it('fish completes commands, values, files and ids, with what they are', {
  skip: fish === null ? 'fish is not installed: .ci/install' : false,
}, async t => {
  const { folder, store } = await emptyStore()
  await addCrash(store)
  const home = temporaryFolder(t)
  placeProgram(home)
  writeFileSync(path.join(folder, 'coredog.yaml'), '')
  const complete = (line: string) => {
    const env = { HOME: home, PATH: `${home}:${process.env.PATH}`, TERM: 'dumb' }
    const script = `kubectl-coredog completion fish | source; complete -C '${line}'`
    const said = execFileSync(fish ?? '', ['--no-config', '-c', script], { env, encoding: 'utf8' })
    return said.trimEnd().split('\n')
  }
  assert.deepEqual(complete('kubectl-coredog lis'), ['list\tlist what crashed, the newest first'])
  assert.ok(complete('kubectl-coredog ').length > 10)
  assert.deepEqual(complete('kubectl-coredog list -o '), ['json', 'name', 'wide', 'yaml'])
  assert.deepEqual(complete(`kubectl-coredog --config ${folder}/core`), [`${folder}/coredog.yaml`])
  const [id = ''] = complete(`kubectl-coredog info --bucket ${folder} 3f`)
  assert.match(id, RegExp(`^${ENTRY.id}\tshop/`))
})
