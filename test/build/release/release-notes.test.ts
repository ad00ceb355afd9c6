import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { notesForPeople, releaseNotes } from '../../../build/release/release-notes.ts'
import { inputs } from '../../inputs.ts'

const CHANGELOG = `# Changelog

## 0.2.0 (not released)

- Not yet.

## 0.1.1 (2026-12-24)

- A fix ([why.md](docs/why.md#python), [elsewhere](https://example.com/x), [above](#changelog)).
- Another.

## 0.1.0 (2026-12-01)
`

it('has the lines of its own section, and its day', () => {
  const { date, text } = releaseNotes(CHANGELOG, '0.1.1')
  assert.equal(date, '2026-12-24')
  assert.match(text, /^- A fix .*\n- Another\.\n$/)
})

it('has no day before it is released', () => {
  assert.deepEqual(releaseNotes(CHANGELOG, '0.2.0'), { date: null, text: '- Not yet.\n' })
})

for (const version of ['0.1', '0.1.0', '0.3.0', '2026-12-24', '']) {
  it(`refuses "${version}", of which nothing is said`, () => {
    assert.throws(() => releaseNotes(CHANGELOG, version), {
      message: `Cannot tell what is new in ${version}: CHANGELOG.md has no section of it, or an empty one`,
    })
  })
}

it('leads people to the files of that version', () => {
  const told = notesForPeople(releaseNotes(CHANGELOG, '0.1.1'), {
    repository: 'https://host/us',
    tag: 'v0.1.1',
  })
  assert.match(told, /\[why\.md\]\(https:\/\/host\/us\/blob\/v0\.1\.1\/docs\/why\.md#python\)/)
  assert.match(told, /\[elsewhere\]\(https:\/\/example\.com\/x\), \[above\]\(#changelog\)/)
})

it('is never longer than GitHub takes, and ends with a whole line', () => {
  const at = { repository: 'https://host/us', tag: 'v1.0.0' }
  const line = fc.string({ minLength: 1, maxLength: 80 }).map(text => `- ${text.replace(/\s/g, ' ')}\n`)
  fc.assert(
    fc.property(line, fc.integer({ min: 1, max: 20_000 }), (one, count) => {
      const told = notesForPeople({ date: null, text: one.repeat(count) }, at)
      assert.ok(told.length <= 125_000)
      assert.ok(told.endsWith('\n'))
    }),
    inputs(50),
  )
})
