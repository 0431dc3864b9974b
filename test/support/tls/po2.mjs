import { spawn } from 'node:child_process'
import tls from 'node:tls'
import { readFileSync as r } from 'node:fs'
const s = spawn('openssl', ['s_server', '-accept', `127.0.0.1:46005`, '-cert', 'localhost.pem', '-key', 'localhost.key', '-CAfile', 'clients-ca.pem', '-Verify', '2', '-verify_return_error', '-www', '-tls1_3'], { stdio: 'ignore' })
await new Promise(r => setTimeout(r, 500))
for (const delay of [0, 0, 0,100]) for (const c of [{}, {cert:r('stranger.pem'),key:r('stranger.key')}]) {
 await new Promise(done => { const k = tls.connect({ port: 46005, host: '127.0.0.1', ca: r('ca.pem'), ...c }, () => { setTimeout(() => k.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n'), delay) })
 k.on('error', e => console.log(delay, Object.keys(c).length, 'error', e.code, e.message)).on('close', () => { console.log('close'); done() }).on('end', () => console.log('end')).resume() })
}
s.kill()
