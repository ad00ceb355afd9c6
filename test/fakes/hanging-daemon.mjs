// A FUSE daemon that takes every request and answers none but the first: what asks it is in state D until it ends.
// Mounts at argv[2]. It ends when its standard input does, also because the test was killed; then all that hangs fails.
// To unmount before that would hang as well.
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'

const folder = process.argv[2]
const device = fs.openSync('/dev/fuse', 'r+')
const options = 'fd=3,rootmode=40000,user_id=0,group_id=0'
const mounted = spawnSync('mount', ['-i', '-t', 'fuse', '-o', options, 'hanging', folder], {
  stdio: ['ignore', 'ignore', 'inherit', device],
})
if (mounted.status !== 0) process.exit(1)
const request = Buffer.alloc(2 ** 20)
fs.readSync(device, request)
// fuse_out_header and fuse_init_out of linux/fuse.h
const answer = Buffer.alloc(16 + 64)
answer.writeUInt32LE(answer.length, 0)
answer.writeBigUInt64LE(request.readBigUInt64LE(8), 8)
answer.writeUInt32LE(7, 16)
answer.writeUInt32LE(request.readUInt32LE(44), 20)
answer.writeUInt32LE(0x20000, 36)
fs.writeSync(device, answer)
const end = () => process.kill(process.pid, 'SIGKILL')
process.stdin.resume().on('end', end)
// A test that is killed while a call of its own hangs keeps its end of the pipe, until we end.
setTimeout(end, 120_000)
const take = () => fs.read(device, request, 0, request.length, null, failure => failure === null && take())
take()
process.stdout.write('mounted\n')
