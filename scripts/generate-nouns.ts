import { readdir, readFile } from 'node:fs/promises'

const folder = 'src/http/api/'
const declaration = /^export const (\w+): Noun</m

/** The list of the nouns of the management API, from the files of src/http/api that export one. */
export async function generateNouns(): Promise<{ file: string; text: string }> {
  const files = (await readdir(folder)).filter((name) => !name.endsWith('.gen.ts')).toSorted()
  const nouns = await Promise.all(
    files.map(async (file) => {
      const [, noun] = declaration.exec(await readFile(`${folder}${file}`, 'utf8')) ?? []
      return noun === undefined ? [] : [{ file, noun }]
    }),
  )
  const imports = nouns.flat().map(({ file, noun }) => `import { ${noun} } from './${file}'`)
  return {
    file: `${folder}nouns.gen.ts`,
    text: `// Generated from the files beside it by "npm run gen". Do not edit.
${imports.join('\n')}

/** All of the management API; openapi.yaml shows them in this order. */
export const nouns = [
${nouns
  .flat()
  .map(({ noun }) => `  ${noun},`)
  .join('\n')}
] as const
`,
  }
}
