/**
 * Lets so many different combinations through, and of all later ones says that they are `_other`. A user who
 * may name a namespace or a container could otherwise make Prometheus keep as many series as there are names.
 */
export function boundedLabels<Label extends string>(
  most: number,
): (labels: Readonly<Record<Label, string>>) => Record<Label, string> {
  const known = new Set<string>()
  return labels => {
    const key = JSON.stringify(labels)
    if (known.size >= most && !known.has(key))
      return Object.fromEntries(Object.keys(labels).map(label => [label, '_other'])) as Record<Label, string>
    known.add(key)
    return { ...labels }
  }
}
