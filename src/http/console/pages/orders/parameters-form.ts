import type { Form } from '../../forms.ts'

/** What was sent, as src/forms reads it. */
export function bodyOf(form: Form): URLSearchParams {
  return new URLSearchParams(
    Object.entries(form).flatMap(([name, value = []]) =>
      [value].flat().map((each): [string, string] => [name, each]),
    ),
  )
}

/** The name of the button of the parameters that was pressed. */
export function pressedOf(entered: Form = {}): string | undefined {
  return Object.keys(entered).find((name) => /^(?:add|remove|drop|refresh):/.test(name))
}
