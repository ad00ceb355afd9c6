import assert from 'node:assert/strict'
import { it } from 'node:test'
import { type Mapping, mappingsInMaps, withoutDeleted } from '../../crash/mapping.ts'

it('mappingsInMaps() gives all whole lines of that form', () => {
  const lines = [
    '00401000-00402000 r-xp 00001000 fe:00 132867                             /app/server (deleted)',
    '0a3d1000-0a3f2000 rw-p 00000000 00:00 0                                  [heap]',
    '7f2e80000000-7f2e80021000 ---p 00000000 00:00 0 ',
    'no mapping',
    'ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]',
    '7ffe1c000000-7ffe1c0',
  ].join('\n')
  const mappings: readonly Mapping[] = mappingsInMaps(Buffer.from(lines))
  assert.deepEqual(
    mappings.map(({ start, permissions, name }) => `${start.toString(16)} ${permissions} ${name}`),
    [
      '401000 r-xp /app/server',
      'a3d1000 rw-p [heap]',
      '7f2e80000000 ---p ',
      'ffffffffff600000 --xp [vsyscall]',
    ],
  )
})

it('withoutDeleted() leaves out what the kernel adds, once', () => {
  const paths = ['/app/server (deleted)', '/app/server', '/a (deleted) (deleted)', ' (deleted)/a']
  assert.deepEqual(paths.map(withoutDeleted), ['/app/server', '/app/server', '/a (deleted)', ' (deleted)/a'])
})
