import assert from 'node:assert/strict'
import { it } from 'node:test'
import { openingCommand } from '../../notify/opening-command.ts'
import { REPORT } from './sample-notice.ts'

const executables = [
  { name: 'a usual path', executable: '/app/server', shown: '/app/server' },
  { name: 'a path with a space', executable: '/opt/my app/server', shown: "'/opt/my app/server'" },
  { name: 'a path in another script', executable: '/应用/服务', shown: "'/应用/服务'" },
  { name: 'no path', executable: undefined, shown: 'EXECUTABLE' },
  { name: 'a path that runs a command', executable: '/a$(reboot)', shown: 'EXECUTABLE' },
  { name: 'a path with a quote', executable: "/a';reboot;'", shown: 'EXECUTABLE' },
  { name: 'a path with a newline', executable: '/a\nreboot', shown: 'EXECUTABLE' },
  { name: 'an option', executable: '--eval-command=shell reboot', shown: 'EXECUTABLE' },
  { name: 'a path too long to show', executable: `/${'a'.repeat(400)}`, shown: 'EXECUTABLE' },
]
for (const { name, executable, shown } of executables) {
  it(`openingCommand() pastes safely with ${name}`, () => {
    const process = executable === undefined ? {} : { executable }
    assert.equal(openingCommand({ ...REPORT, process }), `gunzip core.gz && gdb ${shown} core`)
  })
}

it('openingCommand() unpacks what was packed', () => {
  const command = (compression: 'zstd' | 'none') => openingCommand({ ...REPORT, core: { compression } })
  assert.equal(command('zstd'), 'zstd -d core.zst && gdb /app/server core')
  assert.equal(command('none'), 'gdb /app/server core')
})

it('openingCommand() copies a core from a mounted directory first', () => {
  const core = { url: 'file:///mnt/cfs/prod/web-0/core.gz', compression: 'gzip' } as const
  assert.equal(
    openingCommand({ ...REPORT, core }),
    'cp /mnt/cfs/prod/web-0/core.gz . && gunzip core.gz && gdb /app/server core',
  )
})
