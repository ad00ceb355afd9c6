import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { Config, StorageConfig } from '../../config/config.ts'
import type { ReportCore } from '../../crash/report.ts'
import { coreKey } from '../../handler/core/store-core.ts'
import { openingCommand } from '../../notify/opening-command.ts'
import { openStore } from '../../storage/open-store.ts'
import { REPORT } from './sample-notification.ts'

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
    assert.equal(
      openingCommand({ ...REPORT, process }),
      `gunzip core.gz && gdb -nx -iex 'set auto-load off' ${shown} core`,
    )
  })
}

it('openingCommand() unpacks what was packed', () => {
  const command = (compression: 'zstd' | 'none') => openingCommand({ ...REPORT, core: { compression } })
  assert.equal(command('zstd'), "zstd -d core.zst && gdb -nx -iex 'set auto-load off' /app/server core")
  assert.equal(command('none'), "gdb -nx -iex 'set auto-load off' /app/server core")
})

/** What the store itself says of a core, as the handler puts it into the report. */
function coreIn(storage: StorageConfig, compression: Config['compression']): ReportCore {
  return { url: openStore(storage).location(coreKey('prod/web-0', compression)), compression }
}

const MOUNTED = { protocol: 'cfs', mountPath: '/mnt/cfs', storeDir: 'corefiles' } as const
const FOLDER = '/mnt/cfs/corefiles/prod/web-0'
const mounted = [
  {
    compression: 'gzip',
    command: `cp ${FOLDER}/core.gz . && gunzip core.gz && gdb -nx -iex 'set auto-load off' /app/server core`,
  },
  {
    compression: 'zstd',
    command: `cp ${FOLDER}/core.zst . && zstd -d core.zst && gdb -nx -iex 'set auto-load off' /app/server core`,
  },
  {
    compression: 'none',
    command: `cp ${FOLDER}/core . && gdb -nx -iex 'set auto-load off' /app/server core`,
  },
] as const
for (const { compression, command } of mounted) {
  it(`openingCommand() finds a core (${compression}) where FileStore says that it is`, () => {
    assert.equal(openingCommand({ ...REPORT, core: coreIn(MOUNTED, compression) }), command)
  })

  for (const protocol of ['s3', 'cos', 'oss'] as const) {
    it(`openingCommand() has nothing to copy of a core (${compression}) in a bucket of ${protocol}`, () => {
      const bucket = { protocol, bucket: 'cores', region: 'x', endpoint: null, credentials: null }
      const core = coreIn({ ...bucket, storeDir: 'c', presignedUrlExpireSeconds: 60 }, compression)
      assert.equal(
        `cp ${FOLDER}/${core.url?.split('/').at(-1)} . && ${openingCommand({ ...REPORT, core })}`,
        command,
      )
    })
  }
}
