import type { FormTexts } from './texts.ts'

export const en: FormTexts = {
  optional: 'optional',
  yes: 'Yes',
  no: 'No',
  notSet: 'Not set',
  choose: 'Please choose',
  kept: 'There is a value. Leave the field empty to keep it.',
  keptShort: 'stored',
  asJson: 'Enter it as JSON.',
  onePerLine: 'One entry per line.',
  more: 'Further entries',
  all: 'All values',
  variant: 'Variant',
  showFields: 'Show the fields of this choice',
  editAsJson: 'Edit as JSON',
  editAsFields: 'Edit as a form',
  withoutSecrets: 'Secret values are not shown.',
  errorTitle: 'Please check what you entered',
  add: (what) => `Add: ${what}`,
  remove: (what) => `Remove: ${what}`,
  row: (what, number) => `${what} ${number}`,
  oneOf: (values) => `Possible values: ${values}.`,
  range: (minimum, maximum) =>
    minimum === undefined
      ? `At most ${maximum}.`
      : maximum === undefined
        ? `At least ${minimum}.`
        : `From ${minimum} to ${maximum}.`,
  length: (minimum, maximum) =>
    minimum === undefined
      ? `At most ${maximum} characters.`
      : maximum === undefined
        ? `At least ${minimum} characters.`
        : minimum === maximum
          ? `Exactly ${minimum} characters.`
          : `${minimum} to ${maximum} characters.`,
  multipleOf: (step) => `In steps of ${step}.`,
  types: {
    string: 'a text',
    number: 'a number',
    integer: 'a whole number',
    boolean: 'true or false',
    array: 'a list',
    object: 'an object',
    null: 'null',
  },
  errors: {
    required: () => 'Fill in this field.',
    not_offered: () => 'Choose one of the values that are offered.',
    no_number: () => 'Enter a number, for example 1000.5.',
    no_integer: () => 'Enter a whole number.',
    inexact: () => 'The number has too many digits.',
    ambiguous_number: (large, small) =>
      `Do you mean ${large} or ${small}? Write the number without a separator of thousands.`,
    bad_character: () => 'The text has a control character that is not allowed.',
    no_json: () => 'This is not valid JSON.',
    no_object: () => 'Enter a JSON object in braces.',
    too_small: (limit) => `The number must be at least ${limit}.`,
    too_large: (limit) => `The number must be at most ${limit}.`,
    not_above: (limit) => `The number must be greater than ${limit}.`,
    not_below: (limit) => `The number must be less than ${limit}.`,
    no_multiple: (step) => `The number must be a multiple of ${step}.`,
    too_short: (limit) => `The text must have at least ${limit} characters.`,
    too_long: (limit) => `The text must have at most ${limit} characters.`,
    too_few: (limit) => `At least ${limit} entries are needed.`,
    too_many: (limit) => `At most ${limit} entries are allowed.`,
    other_type: (type) => `This must be ${type}.`,
    other_pattern: () => 'This does not have the form that the provider demands.',
    unknown_entry: (name) => `There is no entry “${name}” here.`,
    repeated: () => 'No entry may be there twice.',
    invalid: () => 'This does not meet what the provider demands.',
    enter_again: () => 'Enter the secret value again; it is not kept.',
  },
}
