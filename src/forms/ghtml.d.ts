// ghtml 4 has no type declarations. `!` before a placeholder writes it as it is: only for HTML.
declare module 'ghtml' {
  export function html(literals: TemplateStringsArray, ...values: readonly unknown[]): string
}
