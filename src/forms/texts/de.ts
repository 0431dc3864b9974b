import type { FormTexts } from './texts.ts'

export const de: FormTexts = {
  optional: 'freiwillig',
  yes: 'Ja',
  no: 'Nein',
  notSet: 'Keine Angabe',
  choose: 'Bitte auswählen',
  kept: 'Ein Wert ist hinterlegt. Lassen Sie das Feld leer, um ihn zu behalten.',
  keptShort: 'hinterlegt',
  asJson: 'Als JSON eingeben.',
  onePerLine: 'Ein Eintrag pro Zeile.',
  more: 'Weitere Angaben',
  all: 'Alle Angaben',
  variant: 'Variante',
  showFields: 'Felder zur Auswahl zeigen',
  editAsJson: 'Als JSON bearbeiten',
  editAsFields: 'Als Formular bearbeiten',
  withoutSecrets: 'Geheime Werte werden nicht angezeigt.',
  errorTitle: 'Bitte prüfen Sie Ihre Angaben',
  add: (what) => `${what} hinzufügen`,
  remove: (what) => `${what} entfernen`,
  row: (what, number) => `${what} ${number}`,
  oneOf: (values) => `Möglich: ${values}.`,
  range: (minimum, maximum) =>
    minimum === undefined
      ? `Höchstens ${maximum}.`
      : maximum === undefined
        ? `Mindestens ${minimum}.`
        : `Von ${minimum} bis ${maximum}.`,
  length: (minimum, maximum) =>
    minimum === undefined
      ? `Höchstens ${maximum} Zeichen.`
      : maximum === undefined
        ? `Mindestens ${minimum} Zeichen.`
        : minimum === maximum
          ? `Genau ${minimum} Zeichen.`
          : `${minimum} bis ${maximum} Zeichen.`,
  multipleOf: (step) => `In Schritten von ${step}.`,
  types: {
    string: 'ein Text',
    number: 'eine Zahl',
    integer: 'eine ganze Zahl',
    boolean: 'true oder false',
    array: 'eine Liste',
    object: 'ein Objekt',
    null: 'null',
  },
  errors: {
    required: () => 'Füllen Sie dieses Feld aus.',
    not_offered: () => 'Wählen Sie einen der angebotenen Werte.',
    no_number: () => 'Geben Sie eine Zahl ein, zum Beispiel 1000,5.',
    no_integer: () => 'Geben Sie eine ganze Zahl ein.',
    inexact: () => 'Die Zahl hat zu viele Stellen.',
    ambiguous_number: (large, small) =>
      `Meinen Sie ${large} oder ${small}? Schreiben Sie die Zahl ohne Tausendertrennzeichen.`,
    bad_character: () => 'Der Text enthält ein Steuerzeichen, das nicht erlaubt ist.',
    no_json: () => 'Die Eingabe ist kein gültiges JSON.',
    no_object: () => 'Geben Sie ein JSON-Objekt in geschweiften Klammern ein.',
    too_small: (limit) => `Die Zahl muss mindestens ${limit} sein.`,
    too_large: (limit) => `Die Zahl darf höchstens ${limit} sein.`,
    not_above: (limit) => `Die Zahl muss größer als ${limit} sein.`,
    not_below: (limit) => `Die Zahl muss kleiner als ${limit} sein.`,
    no_multiple: (step) => `Die Zahl muss ein Vielfaches von ${step} sein.`,
    too_short: (limit) => `Der Text muss mindestens ${limit} Zeichen lang sein.`,
    too_long: (limit) => `Der Text darf höchstens ${limit} Zeichen lang sein.`,
    too_few: (limit) => `Mindestens ${limit} Einträge sind nötig.`,
    too_many: (limit) => `Höchstens ${limit} Einträge sind erlaubt.`,
    other_type: (type) => `Hier muss ${type} stehen.`,
    other_pattern: () => 'Die Angabe hat nicht die Form, die der Anbieter verlangt.',
    unknown_entry: (name) => `Der Eintrag „${name}“ ist nicht vorgesehen.`,
    repeated: () => 'Jeder Eintrag darf nur einmal vorkommen.',
    invalid: () => 'Die Angaben passen so nicht zu den Vorgaben des Anbieters.',
    enter_again: () => 'Geben Sie den geheimen Wert erneut ein; er wird nicht gespeichert.',
  },
}
