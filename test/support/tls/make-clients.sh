#!/bin/sh
# Regenerates the certificates of the mutual TLS tests. It needs openssl; the tests do not.
# clients-ca    signs client, client-expired and expired (a server's certificate)
# stranger      is signed by an authority that no provider knows
set -eu
cd "$(dirname "$0")"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
key () { openssl ecparam -name prime256v1 -genkey -noout | openssl pkcs8 -topk8 -nocrypt -out "$1"; }

key "$scratch/ca.key"
openssl req -x509 -new -key "$scratch/ca.key" -subj '/CN=Kontor test clients' -days 36500 -out clients-ca.pem
key client.key
openssl pkcs8 -topk8 -v2 aes-256-cbc -iter 2048 -passout pass:open-sesame -in client.key -out client-encrypted.key
key expired.key
key stranger.key
openssl req -x509 -new -key stranger.key -subj '/CN=stranger' -days 36500 -out stranger.pem

: > "$scratch/index.txt"
cat > "$scratch/ca.cnf" <<END
[ca]
default_ca = test
[test]
database = $scratch/index.txt
rand_serial = yes
new_certs_dir = $scratch
certificate = clients-ca.pem
private_key = $scratch/ca.key
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = supplied
[server]
subjectAltName = DNS:localhost, IP:127.0.0.1
[client]
extendedKeyUsage = clientAuth
END
sign () { # name key extensions start end
  openssl req -new -key "$2" -subj "/CN=$1" -out "$scratch/request.pem"
  openssl ca -batch -notext -config "$scratch/ca.cnf" -extensions "$3" -startdate "$4" -enddate "$5" -in "$scratch/request.pem" -out "$1.pem" 2> /dev/null
}
sign client client.key client 20260101000000Z 21260101000000Z
sign client-expired client.key client 20200101000000Z 20210101000000Z
sign expired expired.key server 20200101000000Z 20210101000000Z
