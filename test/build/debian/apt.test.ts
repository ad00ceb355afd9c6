import assert from 'node:assert/strict'
import { globSync, readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { it } from 'node:test'
import { Apt } from '../../../build/debian/apt.ts'
import { OperatorError } from '../../../crash/errors.ts'
import { repositoryOf, skip } from './local-repository.ts'

it('Apt runs none of the hooks of the machine', { skip }, async t => {
  const hooks = ['Pre-Invoke', 'Post-Invoke', 'Post-Invoke-Success']
  const settings = hooks.map(name => `APT::Update::${name} { "touch FOLDER/${name}"; };\n`)
  const { folder, has } = repositoryOf(t, settings.join(''))
  await using apt = await Apt.for('x64', folder)
  assert.deepEqual(await apt.offered('bone', '1.0'), has)
  assert.deepEqual(
    readdirSync(folder).filter(name => hooks.includes(name)),
    [],
  )
})

it('Apt tells a package that there is not from lists that it cannot read', { skip }, async t => {
  const { folder } = repositoryOf(t)
  await using apt = await Apt.for('x64', folder)
  assert.equal(await apt.offered('bone', '2.0'), null)
  assert.equal(await apt.offered('ball', '1.0'), null)
  assert.equal(await apt.offered('ball'), null)
  for (const list of globSync(path.join(folder, 'apt-*/state/lists/*coredog-repository*Packages*')))
    writeFileSync(list, 'no list')
  for (const cache of globSync(path.join(folder, 'apt-*/cache/*.bin'))) writeFileSync(cache, '')
  await assert.rejects(
    apt.offered('bone', '1.0'),
    /^OperatorError: Cannot fetch packages of Debian: apt-cache: E: /,
  )
})

it('Apt says which source it cannot reach', { skip }, async t => {
  const { folder } = repositoryOf(t, 'Acquire::Retries "0";\n')
  writeFileSync(path.join(folder, 'sources.list'), 'deb [trusted=yes] http://127.0.0.1:1/debian ./\n')
  await assert.rejects(Apt.for('x64', folder), /apt-get: E: Failed to fetch http:\/\/127\.0\.0\.1:1/)
})

it('two of one architecture at once do not disturb each other, and leave nothing', { skip }, async t => {
  const { folder } = repositoryOf(t)
  {
    await using one = await Apt.for('x64', folder)
    await using other = await Apt.for('x64', folder)
    for (const apt of [one, other]) assert.equal((await apt.offered('bone'))?.version, '1.0')
  }
  assert.deepEqual(globSync(path.join(folder, 'apt-*')), [])
})

it('Apt says what to do where there is none', async t => {
  const { PATH } = process.env
  t.after(() => {
    process.env.PATH = PATH
  })
  process.env.PATH = '/nowhere'
  await assert.rejects(Apt.for('x64'), (thrown: unknown) => {
    assert.ok(thrown instanceof OperatorError)
    assert.equal(thrown.message, 'Cannot fetch packages of Debian: apt-get not found')
    assert.match(thrown.hint, /--libraries=machine/)
    return true
  })
})
