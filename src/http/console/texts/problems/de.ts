import type { ErrorCode } from '../../../../errors.ts'

/** Wie `en.ts`, mit Überschriften: die englischen stehen in den Antworten selbst. */
export const de: Readonly<
  Record<ErrorCode, readonly [title: string, meaning: string, action: string]>
> = {
  invalid_request: [
    'Die Anfrage ist nicht gültig',
    'Ein Feld oder ein Parameter der Anfrage fehlt oder hat einen Wert, der nicht erlaubt ist.',
    'Lesen Sie `detail`, das das Feld nennt, und senden Sie die Anfrage berichtigt erneut.',
  ],
  unknown_plan: [
    'Den Plan gibt es nicht',
    'Kein Plan im Katalog hat diese ID, oder Sie dürfen ihn nicht sehen.',
    'Lesen Sie den Katalog neu, und nehmen Sie die IDs daraus.',
  ],
  plan_withdrawn: [
    'Der Plan wird nicht mehr angeboten',
    'Der Anbieter hat ihn zurückgezogen. Bestehende Instanzen bleiben, neue entstehen nicht.',
    'Wählen Sie einen anderen Plan des Katalogs.',
  ],
  not_offered: [
    'Der Plan wird hier nicht angeboten',
    'Es gibt ihn, aber Regeln erlauben dieser Organisation oder Plattform nicht, ihn zu bestellen.',
    'Fragen Sie den Betrieb von Kontor danach, oder wählen Sie einen anderen Plan.',
  ],
  not_bindable: [
    'Der Plan hat keine Zugänge',
    'Seine Instanzen werden ohne Zugangsdaten von hier benutzt.',
    'Benutzen Sie die Instanz ohne Zugang.',
  ],
  not_rotatable: [
    'Zugänge des Plans lassen sich nicht erneuern',
    'Der Anbieter kann die Zugangsdaten dieses Plans nicht ersetzen.',
    'Legen Sie einen neuen Zugang an, stellen Sie um, und löschen Sie den alten.',
  ],
  invalid_parameters: [
    'Die Parameter sind nicht gültig',
    'Sie passen nicht zu dem Schema, das der Anbieter für den Plan veröffentlicht.',
    'Lesen Sie `detail`, das den Parameter nennt, und das Schema des Plans im Katalog.',
  ],
  too_large: [
    'Die Anfrage ist zu groß',
    'Ihr Inhalt, oder was sie ablegen würde, ist größer, als Kontor annimmt.',
    'Senden Sie weniger.',
  ],
  unauthorized: [
    'Nicht angemeldet',
    'Die Anfrage hat keine Zugangsdaten, oder falsche, abgelaufene oder widerrufene.',
    'Melden Sie sich neu an, oder senden Sie gültige. `WWW-Authenticate` sagt, welche Art.',
  ],
  forbidden: [
    'Nicht erlaubt',
    'Sie sind angemeldet, aber Ihre Rollen erlauben dies nicht.',
    'Bitten Sie die Verwaltung Ihrer Organisation oder den Betrieb um die Rolle.',
  ],
  missing_version: [
    'Die Version der Schnittstelle fehlt',
    'Anfragen unter /v2 müssen sagen, welche Version der Open Service Broker API sie sprechen.',
    'Senden Sie die Kopfzeile `X-Broker-API-Version`, zum Beispiel 2.17.',
  ],
  unsupported_version: [
    'Diese Version der Schnittstelle gibt es hier nicht',
    'Kontor spricht die Version der Open Service Broker API nicht, die die Anfrage nennt.',
    'Senden Sie eine Version, die `detail` nennt.',
  ],
  not_found: [
    'Nicht gefunden',
    'Unter dieser ID oder Adresse gibt es nichts, oder es gehört anderen.',
    'Prüfen Sie die ID. Listen zeigen, was Sie sehen dürfen.',
  ],
  not_retrievable: [
    'Lässt sich nicht noch einmal lesen',
    'Der Anbieter gibt es kein zweites Mal heraus.',
    'Benutzen Sie, was Sie beim Anlegen erhalten haben.',
  ],
  lost: [
    'Nicht mehr vorhanden',
    'Kontor hatte diese Antwort und kann sie nicht mehr geben.',
    'Legen Sie den Zugang neu an, und melden Sie es dem Betrieb.',
  ],
  gone: ['Schon gelöscht', 'Es ist bereits gelöscht.', 'Nichts: Es ist weg.'],
  conflict: [
    'Das passt nicht zum jetzigen Stand',
    'Was Sie wollen, verträgt sich nicht mit dem, was da ist, etwa bei einem vergebenen Namen.',
    'Lesen Sie `detail`, sehen Sie sich den Stand an, und entscheiden Sie neu.',
  ],
  concurrency: [
    'Ein anderer Vorgang läuft noch',
    'An derselben Instanz läuft schon ein Vorgang. Eine Instanz hat immer nur einen.',
    'Warten Sie, bis er beendet ist, und senden Sie die Anfrage erneut.',
  ],
  async_required: [
    'Das geht nur asynchron',
    'Der Anbieter tut dies nur asynchron, und die Anfrage lässt das nicht zu.',
    'Senden Sie die Anfrage mit `accepts_incomplete=true`.',
  ],
  requires_app: [
    'Eine Anwendung fehlt',
    'Der Plan lässt sich nur an eine Anwendung binden.',
    'Nennen Sie die Anwendung in der Anfrage.',
  ],
  maintenance_info_conflict: [
    'Die Wartungsversion ist eine andere',
    'Die Anfrage nennt eine Wartungsversion, die nicht die des Plans ist.',
    'Lesen Sie den Katalog neu, und nehmen Sie die Version daraus.',
  ],
  plan_not_updateable: [
    'Der Wechsel des Plans geht nicht',
    'Der Anbieter lässt Instanzen nicht zu diesem Plan wechseln.',
    'Bestellen Sie eine neue Instanz mit dem anderen Plan, und nehmen Sie Ihre Daten mit.',
  ],
  quota_exceeded: [
    'Das Kontingent ist ausgeschöpft',
    'Die Bestellung ginge über eine Grenze Ihrer Organisation oder Plattform hinaus.',
    'Löschen Sie, was nicht gebraucht wird, oder bitten Sie den Betrieb um mehr.',
  ],
  change_over_quota: [
    'Das Kontingent ist ausgeschöpft',
    'Die Änderung ginge über eine Grenze Ihrer Organisation oder Plattform hinaus.',
    'Löschen Sie, was nicht gebraucht wird, oder bitten Sie den Betrieb um mehr.',
  ],
  failed_instance: [
    'Die Instanz lässt sich nicht benutzen',
    'Sie konnte nicht angelegt oder geändert werden.',
    'Löschen Sie sie, und bestellen Sie sie neu.',
  ],
  in_use: [
    'Noch in Gebrauch',
    'Anderes hängt davon ab, also bleibt es.',
    'Entfernen Sie zuerst, was `detail` nennt.',
  ],
  rejected: [
    'Der Anbieter hat abgelehnt',
    'Er hat sich die Bestellung angesehen und sie abgelehnt.',
    'Lesen Sie `detail` mit seinem Grund. Fragen Sie den Anbieter, wenn er nicht klar ist.',
  ],
  unprocessable: [
    'Der Anbieter hat abgelehnt',
    'Er hat die Bestellung verstanden, kann sie im jetzigen Zustand aber nicht ausführen.',
    'Lesen Sie `detail` mit seinem Grund. Fragen Sie den Anbieter, wenn er nicht klar ist.',
  ],
  rate_limited: [
    'Zu viele Anfragen',
    'Von Ihnen oder Ihrer Adresse kamen viele in kurzer Zeit. Es wurde nichts getan.',
    'Warten Sie so lange, wie `Retry-After` sagt, und senden Sie die Anfrage erneut.',
  ],
  provider_unreachable: [
    'Der Anbieter ist nicht erreichbar',
    'Kontor kann keine Verbindung zu ihm aufbauen.',
    'Versuchen Sie es später noch einmal. Der Betrieb sieht es auch.',
  ],
  provider_unavailable: [
    'Der Anbieter wird zurzeit nicht gefragt',
    'Er hat wiederholt versagt, also fragt Kontor ihn einen Moment lang nicht.',
    'Warten Sie so lange, wie `Retry-After` sagt, und senden Sie die Anfrage erneut.',
  ],
  provider_failed: [
    'Ein Fehler des Anbieters',
    'Er hat mit einem Fehler geantwortet oder mit etwas, das keine gültige Antwort ist.',
    'Versuchen Sie es später noch einmal. Bleibt es dabei, melden Sie es dem Betrieb.',
  ],
  provider_timeout: [
    'Der Anbieter hat nicht rechtzeitig geantwortet',
    'Kontor klärt, was aus der Bestellung geworden ist.',
    'Sehen Sie sich den Stand des Vorgangs an, bevor Sie erneut bestellen.',
  ],
  configuration: [
    'Falsche Einstellung',
    'Eine Einstellung dieses Kontors fehlt oder ist falsch.',
    'Melden Sie es dem Betrieb.',
  ],
  unavailable: [
    'Zurzeit nicht verfügbar',
    'Kontor erreicht seine Datenbank nicht oder kann dem nicht trauen, was darin steht.',
    'Versuchen Sie es in Kürze noch einmal. Bleibt es dabei, melden Sie es dem Betrieb.',
  ],
  overloaded: [
    'Zurzeit überlastet',
    'Kontor hat mehr zu tun, als es gerade kann.',
    'Warten Sie so lange, wie `Retry-After` sagt, und senden Sie die Anfrage erneut.',
  ],
  internal: [
    'Interner Fehler',
    'Ein Fehler in Kontor selbst.',
    'Versuchen Sie es noch einmal. Bleibt es dabei, nennen Sie dem Betrieb die Uhrzeit.',
  ],
}
