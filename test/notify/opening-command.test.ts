import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { Config, StorageConfig } from '../../config/config.ts'
import type { CrashReport, ReportCore } from '../../crash/report.ts'
import { coreKey } from '../../handler/core/store-core.ts'
import type { CrashLinks } from '../../notify/crash-links.ts'
import { openingCommand } from '../../notify/opening-command.ts'
import { openStore } from '../../storage/open-store.ts'
import { REPORT, sampleNotification } from './sample-notification.ts'

function commandFor(report: Partial<CrashReport>, links: Partial<CrashLinks> = {}): string {
  return openingCommand(sampleNotification({ report: { ...REPORT, ...report }, ...links }))
}

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
    assert.equal(commandFor({ process }), `gunzip core.gz && gdb -nx -iex 'set auto-load off' ${shown} core`)
  })
}

it('openingCommand() unpacks what was packed', () => {
  const command = (compression: 'zstd' | 'none') => commandFor({ core: { compression } })
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
    assert.equal(commandFor({ core: coreIn(MOUNTED, compression) }), command)
  })

  for (const protocol of ['s3', 'cos', 'oss'] as const) {
    it(`openingCommand() has nothing to copy of a core (${compression}) in a bucket of ${protocol}`, () => {
      const bucket = { protocol, bucket: 'cores', region: 'x', endpoint: null, credentials: null }
      const core = coreIn({ ...bucket, storeDir: 'c', presignedUrlExpireSeconds: 60 }, compression)
      assert.equal(`cp ${FOLDER}/${core.url?.split('/').at(-1)} . && ${commandFor({ core })}`, command)
    })
  }
}

const SHA256 = 'ab'.repeat(32)
const STORED = { path: '/app/server', buildId: 'cd'.repeat(20), sha256: SHA256 }
const KEY = `corefiles/_binaries/eu-1/prod/${STORED.buildId}/${SHA256}`
const LINKS = {
  executableLink: 'https://cores.example/program?X=1',
  symbolsLink: 'https://cores.example/debug?X=1',
}
const FOUND = `mkdir -p .build-id/cd && cp program.debug .build-id/cd/${'cd'.repeat(19)}.debug && gdb `
const FOUND_BY = " -iex 'set debug-file-directory .:/usr/lib/debug' program core"
const SYMBOLS = { buildId: STORED.buildId, key: 'corefiles/_symbols/debuginfo' }

it('openingCommand() opens what the links were saved as, and the program of the image where it has no link', () => {
  const report = { binaries: [{ ...STORED, key: KEY, url: `s3://cores/${KEY}` }], symbols: [SYMBOLS] }
  const opened = "gunzip core.gz && gdb -nx -iex 'set auto-load off' program core"
  assert.equal(commandFor(report, LINKS), opened.replace('gdb ', FOUND).replace(' program core', FOUND_BY))
  const { symbolsLink: _, ...withoutSymbols } = LINKS
  assert.equal(commandFor(report, withoutSymbols), opened)
  assert.match(commandFor(report), /off' \/app\/server core$/)
  const late = { binaries: [{ ...STORED, key: KEY, notKept: 'the store is slow' }] }
  assert.match(commandFor(late, withoutSymbols), /off' \/app\/server core$/)
})

it('openingCommand() copies program and symbols from where FileStore says that they are', () => {
  const at = (key: string) => ({ key, url: openStore(MOUNTED).location(key.replace('corefiles/', '')) })
  const report = {
    core: coreIn(MOUNTED, 'gzip'),
    binaries: [{ ...STORED, ...at(KEY) }],
    symbols: [{ ...SYMBOLS, ...at(SYMBOLS.key) }],
  }
  assert.equal(
    commandFor(report),
    `cp ${FOLDER}/core.gz . && cp /mnt/cfs/${KEY} program && cp /mnt/cfs/${SYMBOLS.key} program.debug` +
      ` && gunzip core.gz && ${FOUND}-nx -iex 'set auto-load off'${FOUND_BY}`,
  )
})
