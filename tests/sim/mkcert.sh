#!/bin/sh
# Makes a certificate authority and server certificates for the fake exchanges in a directory:
#   ca.pem                       what a client must trust
#   server.pem/.key              for localhost, the venues' own host names and 127.0.0.1
#   expired.pem  wrongname.pem   signed by the same authority, but expired / for another name
#   unknown.pem                  right name, signed by an authority nobody knows
# Usage: mkcert.sh DIR
set -eu
dir=$1
mkdir -p "$dir"
cd "$dir"
names="DNS:localhost,DNS:fstream.binance.com,DNS:fapi.binance.com,DNS:api.hyperliquid.xyz,IP:127.0.0.1"

key() { openssl ecparam -name prime256v1 -genkey -noout -out "$1" 2>/dev/null; }

authority() { # NAME
    key "$1.key"
    openssl req -x509 -new -key "$1.key" -sha256 -days 3650 -subj "/CN=$1 of cascade-sim" \
        -addext "basicConstraints=critical,CA:TRUE" -addext "keyUsage=critical,keyCertSign,cRLSign" \
        -out "$1.pem" 2>/dev/null
}

server() { # NAME AUTHORITY SUBJECT-ALT-NAMES [NOT-BEFORE NOT-AFTER]
    key "$1.key"
    openssl req -new -key "$1.key" -subj "/CN=cascade-sim" -out "$1.csr" 2>/dev/null
    printf 'subjectAltName=%s\nbasicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\n' "$3" >"$1.ext"
    if [ $# -gt 3 ]; then
        : >"$1.index"
        printf '[ca]\ndefault_ca=d\n[d]\ndatabase=%s.index\nrand_serial=yes\nnew_certs_dir=.\npolicy=p\ndefault_md=sha256\n[p]\ncommonName=supplied\n' "$1" >"$1.cnf"
        openssl ca -batch -notext -config "$1.cnf" -cert "$2.pem" -keyfile "$2.key" -in "$1.csr" \
            -extfile "$1.ext" -startdate "$4" -enddate "$5" -out "$1.pem" 2>/dev/null
        rm -f [0-9A-F][0-9A-F]*.pem
    else
        openssl x509 -req -in "$1.csr" -CA "$2.pem" -CAkey "$2.key" -CAcreateserial -days 3650 \
            -sha256 -extfile "$1.ext" -out "$1.pem" 2>/dev/null
    fi
    rm -f "$1.csr" "$1.ext" "$1.cnf" "$1".index*
}

authority ca
authority stranger
server server ca "$names"
server wrongname ca "DNS:other.example"
server expired ca "$names" 20200101000000Z 20210101000000Z
server unknown stranger "$names"
