/**
 * Removes from parsed JSON, in place, the keys that overwrite a prototype when a program copies the
 * object carelessly: `__proto__`, and `constructor` with a `prototype` in it. Kontor itself is not
 * affected, but passes the JSON on. Any other `constructor` is an ordinary word and stays.
 */
export function withoutPrototypeKeys<Value>(value: Value): Value {
  const todo: unknown[] = [value]
  while (todo.length > 0) {
    const part = todo.pop()
    if (part === null || typeof part !== 'object') continue
    if (Object.hasOwn(part, '__proto__')) delete (part as Record<string, unknown>)['__proto__']
    if (hasPrototype(part)) delete (part as Record<string, unknown>)['constructor']
    for (const each of Object.values(part) as unknown[]) todo.push(each)
  }
  return value
}

function hasPrototype(part: object): boolean {
  if (!Object.hasOwn(part, 'constructor')) return false
  const { constructor: inner } = part as { readonly constructor: unknown }
  return inner !== null && typeof inner === 'object' && Object.hasOwn(inner, 'prototype')
}
