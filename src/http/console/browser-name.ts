// In this order: browsers name those that they want to be taken for, too.
const browsers = [
  [/\bEdg(?:e|A|iOS)?\/(\d+)/, 'Edge'],
  [/\bOPR\/(\d+)/, 'Opera'],
  [/\b(?:Firefox|FxiOS)\/(\d+)/, 'Firefox'],
  [/\b(?:HeadlessChrome|Chrome|CriOS)\/(\d+)/, 'Chrome'],
  [/\bVersion\/(\d+)[^]*\bSafari\//, 'Safari'],
] as const
const systems = [
  [/\biPhone|\biPad/, 'iOS'],
  [/\bAndroid/, 'Android'],
  [/\bWindows/, 'Windows'],
  [/\bMac OS X/, 'macOS'],
  [/\bLinux/, 'Linux'],
] as const

/** A browser as people know it, such as `Firefox 140, Windows`; else what it says of itself. */
export function browserName(userAgent: string): string {
  const found = browsers.flatMap(([pattern, name]) => {
    const [, version] = pattern.exec(userAgent) ?? []
    return version === undefined ? [] : [`${name} ${version}`]
  })
  const system = systems.find(([pattern]) => pattern.test(userAgent))?.[1]
  return found[0] === undefined ? userAgent : [found[0], system].filter(Boolean).join(', ')
}
