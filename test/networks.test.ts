import t from 'tap'
import { validateNetwork, openNetworks } from '../src/networks.ts'

const plain = openNetworks([])

t.test('addresses that are not public are closed', async (t) => {
  const closed = [
    '0.0.0.0',
    '0.1.2.3',
    '10.0.0.1',
    '10.255.255.255',
    '100.64.0.1',
    '100.100.100.200',
    '100.127.255.255',
    '127.0.0.1',
    '127.255.255.254',
    '169.254.169.254',
    '169.254.170.2',
    '172.16.0.1',
    '172.31.255.255',
    '192.0.0.8',
    '192.0.0.192',
    '192.0.2.1',
    '192.88.99.1',
    '192.168.0.1',
    '198.18.0.1',
    '198.19.255.255',
    '198.51.100.1',
    '203.0.113.1',
    '224.0.0.1',
    '239.255.255.255',
    '240.0.0.1',
    '255.255.255.255',
    '168.63.129.16',
    '::',
    '::1',
    '::7f00:1',
    '::127.0.0.1',
    '::8.8.8.8',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '::FFFF:a9fe:a9fe',
    '0:0:0:0:0:ffff:10.0.0.1',
    '::ffff:0:10.0.0.1',
    '64:ff9b::10.0.0.1',
    '64:ff9b::a9fe:a9fe',
    '64:ff9b:1::8.8.8.8',
    '100::1',
    '2001::1',
    '2001:0:4136:e378:8000:63bf:3fff:fdd2',
    '2001:2::1',
    '2001:10::1',
    '2001:20::1',
    '2001:db8::1',
    '2002:7f00:1::',
    '2002:808:808::1',
    '3fff::1',
    '4000::1',
    '5f00::1',
    'fc00::1',
    'fd00:ec2::254',
    'fdff::1',
    'fe80::1',
    'fe80::1%eth0',
    'febf::1',
    'fec0::1',
    'ff02::1',
    'ffff::1',
    '',
    'localhost',
    '127.1',
    '0x7f000001',
    '2130706433',
    '0177.0.0.1',
    '127.0.0.1 ',
    '[::1]',
    '10.0.0.1/8',
  ]
  for (const address of closed) t.equal(plain.classOf(address), 'closed', address)
})

t.test('public addresses are public, up to the borders of closed ranges', async (t) => {
  const open = [
    '1.1.1.1',
    '8.8.8.8',
    '9.255.255.255',
    '11.0.0.0',
    '100.63.255.255',
    '100.128.0.0',
    '126.255.255.255',
    '128.0.0.0',
    '169.253.255.255',
    '169.255.0.0',
    '172.15.255.255',
    '172.32.0.0',
    '192.0.1.0',
    '192.167.255.255',
    '192.169.0.0',
    '198.17.255.255',
    '198.20.0.0',
    '223.255.255.255',
    '168.63.129.17',
    '::ffff:8.8.8.8',
    '64:ff9b::8.8.8.8',
    '64:ff9b::808:808',
    '2001:200::1',
    '2001:4860:4860::8888',
    '2003::1',
    '2a01:4f8::1',
    '2620:fe::fe',
  ]
  for (const address of open) t.equal(plain.classOf(address), 'public', address)
})

t.test('an allowed address is opened in every form, and no other', async (t) => {
  const { classOf } = openNetworks([
    '10.20.0.0/16',
    '127.0.0.1',
    'fd00:1::/32',
    '8.8.8.8',
    'fe80::/10',
  ])
  for (const address of [
    '10.20.0.0',
    '10.20.255.255',
    '::ffff:10.20.1.1',
    '::ffff:a14:101',
    '64:ff9b::10.20.1.1',
    '127.0.0.1',
    'fd00:1::1',
    'fd00:1:ffff::',
    '8.8.8.8',
    'fe80::1%eth0',
  ])
    t.equal(classOf(address), 'opened', address)
  for (const address of [
    '10.19.255.255',
    '10.21.0.0',
    '127.0.0.2',
    '::1',
    'fd00:2::1',
    '::ffff:10.21.0.0',
    '64:ff9b::10.21.0.0',
    '::10.20.1.1',
  ])
    t.equal(classOf(address), 'closed', address)
  t.equal(classOf('1.1.1.1'), 'public')
  const all = openNetworks(['0.0.0.0/0', '::/0'])
  for (const address of ['169.254.169.254', '::1', '1.1.1.1', '::ffff:10.0.0.1'])
    t.equal(all.classOf(address), 'opened', address)
  t.equal(openNetworks(['0.0.0.0/0']).classOf('::1'), 'closed')
})

t.test('a URL normalises unusual spellings of an address', async (t) => {
  for (const host of [
    '2130706433',
    '0x7f000001',
    '0x7f.1',
    '0177.0.0.1',
    '127.1',
    '127.0.0.1.',
    '①②⑦.0.0.1',
    '%31%32%37.0.0.1',
    '017700000001',
  ])
    t.equal(new URL(`http://${host}/`).hostname, '127.0.0.1', host)
  for (const host of [
    '[::127.0.0.1]',
    '[::ffff:127.0.0.1]',
    '[0:0:0:0:0:0:0:1]',
    '[::ffff:0x7f.1]',
  ]) {
    if (URL.canParse(`http://${host}`))
      t.equal(plain.classOf(new URL(`http://${host}`).hostname.slice(1, -1)), 'closed', host)
  }
})

t.test('an invalid entry is reported', async (t) => {
  for (const good of [
    '10.0.0.0/8',
    '10.1.2.3',
    '10.1.2.3/32',
    '0.0.0.0/0',
    'fd00::/8',
    '::1',
    '::/0',
    '::ffff:10.0.0.0/104',
    '1:2:3:4:5:6:7:8',
  ])
    t.equal(validateNetwork(good), undefined, good)
  for (const bad of [
    '',
    'localhost',
    '10.0.0/8',
    '10.0.0.256',
    '10.0.0.0/8/8',
    'fe80::1%eth0',
    '/8',
    '010.0.0.0/8',
  ])
    t.match(validateNetwork(bad), /neither an IP address nor a CIDR range/, bad)
  for (const bad of [
    '10.0.0.0/',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/8.0',
    'fd00::/129',
    '10.0.0.0/ 8',
  ])
    t.match(validateNetwork(bad), /prefix length from/, bad)
  for (const bad of ['10.1.0.0/8', 'fd00::1/8', '127.0.0.1/8', '::1/0'])
    t.match(validateNetwork(bad), /bits set beyond/, bad)
})
