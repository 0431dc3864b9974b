// The statements that a Kontor sends to Postgres, with their values.
import type { Teardown } from '../teardown.ts'
import { openWay, type OnMessage } from '../way-to-postgres.ts'

export interface Statement {
  readonly text: string
  /** As they were sent: text, or the bytes of a value in binary form. */
  readonly values: ReadonlyArray<string | Buffer | null>
}

export interface StatementWay {
  /** Of the same database. */
  readonly url: string
  /** Those since it was called before. */
  take(): Statement[]
}

/** A way to Postgres that keeps what its clients send. */
export async function watchStatements(t: Teardown, databaseUrl: string): Promise<StatementWay> {
  let sent: Statement[] = []
  const openSession = (): OnMessage => {
    const texts = new Map<string, string>()
    return (type, content) => {
      const reader = new Reader(content)
      switch (String.fromCharCode(type)) {
        case 'P':
          texts.set(reader.text(), reader.text())
          break
        case 'B':
          reader.text() // the portal
          sent.push({ text: texts.get(reader.text()) ?? '', values: readValues(reader) })
          break
        case 'Q':
          sent.push({ text: reader.text(), values: [] })
          break
        default:
      }
    }
  }
  const url = await openWay(t, databaseUrl, openSession)
  return {
    url,
    take() {
      const taken = sent
      sent = []
      return taken
    },
  }
}

function readValues(reader: Reader): Array<string | Buffer | null> {
  const formats = Array.from({ length: reader.int16() }, () => reader.int16())
  return Array.from({ length: reader.int16() }, (_, index) => {
    const bytes = reader.bytes(reader.int32())
    // One format is for all of them.
    const isBinary = (formats.length > 1 ? formats[index] : formats[0]) === 1
    return bytes === null || isBinary ? bytes : bytes.toString()
  })
}

class Reader {
  #at = 0
  readonly #content: Buffer

  constructor(content: Buffer) {
    this.#content = content
  }

  int16(): number {
    this.#at += 2
    return this.#content.readInt16BE(this.#at - 2)
  }

  int32(): number {
    this.#at += 4
    return this.#content.readInt32BE(this.#at - 4)
  }

  /** Up to the next byte that is 0. */
  text(): string {
    const end = this.#content.indexOf(0, this.#at)
    const text = this.#content.toString('utf8', this.#at, end)
    this.#at = end + 1
    return text
  }

  /** @param length  -1 stands for null */
  bytes(length: number): Buffer | null {
    if (length < 0) return null
    this.#at += length
    return Buffer.from(this.#content.subarray(this.#at - length, this.#at))
  }
}
