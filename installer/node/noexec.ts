/** Whether the mount that `folder` is on, as `mountinfo` of proc(5) has it, lets no program run. */
export function isNoexec(mountinfo: string, folder: string): boolean {
  const options = mountinfo
    .split('\n')
    .map(line => line.split(' '))
    .filter(([, , , , point = '']) => isWithin(folder, point))
    .toSorted((a, b) => (a[4]?.length ?? 0) - (b[4]?.length ?? 0))
    .at(-1)?.[5]
  return options?.split(',').includes('noexec') ?? false
}

function isWithin(folder: string, point: string): boolean {
  return point !== '' && (folder === point || folder.startsWith(point === '/' ? '/' : `${point}/`))
}
