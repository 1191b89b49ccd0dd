#!/bin/sh
# Checks this evidence without the gateway: POSIX sh, openssl 3.0 or later, coreutils (sha256sum, basenc, date, mktemp);
# for reading and comparing lines of text sed, grep and cmp, which are part of every Debian.
#
#   sh verify.sh [FINGERPRINT]
#
# FINGERPRINT is the network's, 64 hexadecimal digits, from a source you trust. Without it the fingerprint found is printed, for you to compare.
# Each step is one line in English and one in Vietnamese.
# Exit code 0: everything holds. 1: something does not, the two lines before the last say what. 2: this machine cannot check.
# What each step proves is in VERIFY.txt; the formats are in the product's docs/spec/envelope.md and docs/spec/evidence.md.
set -u
LC_ALL=C
export LC_ALL
cd "$(dirname "$0")" || exit 2
for tool in openssl sha256sum basenc date mktemp cmp sed grep cut tr; do
  command -v "$tool" >/dev/null 2>&1 || { printf 'This machine has no %s. / Máy này không có %s.\n' "$tool" "$tool"; exit 2; }
done
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT

good() { printf 'ok      %s\nđúng    %s\n' "$1" "$2"; } # in English, in Vietnamese
fail() {
  printf 'FAILED  %s\nSAI     %s\n' "$1" "$2"
  printf 'The evidence does NOT hold. / Chứng cứ KHÔNG đúng.\n'
  exit 1
}

# ---- small tools
# The shell reads lines itself: a program started for each would take most of the time.
first_word() { printf '%s\n' "${1%% *}"; }
sum_of() { first_word "$(sha256sum)"; }
hash() { sum_of <"$1"; }
values() { # file, name: what stands behind the name in each of its lines
  while IFS= read -r line || [ -n "$line" ]; do
    case $line in "$2 "*) printf '%s\n' "${line#"$2 "}" ;; esac
  done <"$1"
}
nth() { # file, name, which
  left=$3
  while IFS= read -r line || [ -n "$line" ]; do
    case $line in "$2 "*) left=$((left - 1)) && [ "$left" -eq 0 ] && printf '%s\n' "${line#"$2 "}" && return ;; esac
  done <"$1"
}
one() {
  found=0
  while IFS= read -r line || [ -n "$line" ]; do
    case $line in "$2 "*) found=$((found + 1)) && value=${line#"$2 "} ;; esac
  done <"$1"
  [ "$found" -eq 1 ] || fail "$1: not exactly one line '$2'" "$1: không có đúng một dòng '$2'"
  printf '%s\n' "$value"
}
word() { # words with one blank between, which
  rest="$1 "
  left=$2
  while [ "$left" -gt 1 ]; do
    rest=${rest#* }
    left=$((left - 1))
  done
  printf '%s\n' "${rest%% *}"
}
line_one() { IFS= read -r line <"$1" || [ -n "$line" ] && printf '%s\n' "$line"; }
label() { [ -f "$1" ] && [ "$(line_one "$1")" = "lienthong 1 $net $2" ] || fail "$1: not a $2 of this network" "$1: không phải '$2' của mạng này"; }
number() { case $1 in '' | *[!0-9]* | 0?*) fail "$2: not a number" "$2: không phải số" ;; esac; }
unhex() { tr a-f A-F | basenc --base16 -d; }

# ---- RFC 9162 trees: leaf = SHA-256(00 text), node = SHA-256(01 left right)
leaf() { { printf '\000'; cat "$1"; } | sum_of; }
node() { printf '01%s%s' "$1" "$2" | unhex | sum_of; }
place() { # place file: in its one written form, since nobody has signed it
  label "$1" place
  {
    printf 'lienthong 1 %s place\nindex %s\nsize %s\n' "$net" "$(one "$1" index)" "$(one "$1" size)"
    sed -n '/^sibling /p' "$1"
    printf 'at %s\n' "$(one "$1" at)"
  } | cmp -s - "$1" || fail "$1: form" "$1: sai dạng"
}
root_from() { # place file, leaf hash: prints the root that the path leads to
  at=$(one "$1" index)
  last=$(one "$1" size)
  number "$at" "$1"
  number "$last" "$1"
  [ "$at" -lt "$last" ] || fail "$1: index outside the tree" "$1: chỉ số nằm ngoài cây"
  last=$((last - 1))
  sum=$2
  # shellcheck disable=SC2046 # hashes have no blanks; each becomes one word
  set -- $(values "$1" sibling)
  for sibling in "$@"; do
    [ ${#sibling} -eq 64 ] || fail "path: not a hash" "đường tới gốc: không phải giá trị băm"
    case $sibling in *[!0-9a-f]*) fail "path: not a hash" "đường tới gốc: không phải giá trị băm" ;; esac
  done
  while [ "$last" -gt 0 ]; do
    if [ $((at & 1)) -eq 1 ]; then
      [ $# -gt 0 ] || fail "path too short" "đường tới gốc quá ngắn"
      sum=$(node "$1" "$sum")
      shift
    elif [ "$at" -lt "$last" ]; then
      [ $# -gt 0 ] || fail "path too short" "đường tới gốc quá ngắn"
      sum=$(node "$sum" "$1")
      shift
    fi
    at=$((at >> 1))
    last=$((last >> 1))
  done
  [ $# -eq 0 ] || fail "path too long" "đường tới gốc quá dài"
  printf '%s\n' "$sum"
}

# ---- 1. the network
[ -f directory/root.txt ] || fail "directory/root.txt is missing" "thiếu directory/root.txt"
net=$(hash directory/root.txt)
[ "$(line_one directory/root.txt)" = "lienthong 1 - authority" ] || fail "directory/root.txt: not a root of trust" "directory/root.txt: không phải gốc tin cậy"
if [ $# -gt 0 ]; then
  [ "$1" = "$net" ] || fail "the network's fingerprint is $net" "vân tay của mạng là $net"
  good "network $net, as you gave it" "mạng $net, đúng như đã cho"
else
  good "network $net (compare it with the one you know)" "mạng $net (hãy so với vân tay bạn đã biết)"
fi

# ---- 2. the directory: its head under the authority's P-384 key, each entry in its tree
# The second signature (ML-DSA-87) needs openssl 3.5: VERIFY.txt has the command.
label directory/head.txt directory
one directory/root.txt p384 | unhex >"$work/authority.der" || fail "directory/root.txt: key" "directory/root.txt: khóa"
openssl pkey -pubin -inform DER -in "$work/authority.der" -out "$work/authority.pem" 2>/dev/null || fail "directory/root.txt: key" "directory/root.txt: khóa"
openssl dgst -sha384 -verify "$work/authority.pem" -signature directory/head.p384.sig directory/head.txt >/dev/null 2>&1 ||
  fail "directory/head.txt: the authority's signature" "directory/head.txt: chữ ký của cơ quan quản lý mạng"
for entry in directory/entry-????.txt; do
  place=${entry%.txt}.place
  place "$place"
  [ "$(one "$place" size)" = "$(one directory/head.txt entries)" ] || fail "$place: size" "$place: kích thước"
  [ "$(one "$place" at)" = - ] || fail "$place: at" "$place: dòng at"
  [ "$(root_from "$place" "$(leaf "$entry")")" = "$(one directory/head.txt root)" ] || fail "$entry: not in the directory" "$entry: không có trong danh bạ"
done
good "directory version $(one directory/head.txt version), signed by the authority" "danh bạ số $(one directory/head.txt version), do cơ quan quản lý mạng ký"

# ---- 3. certificates and revocation lists: each file one block in its one written form, and what its name says
fingerprint() { openssl x509 -in "$1" -outform DER 2>/dev/null | sha256sum | cut -d ' ' -f 1; }
pem() { openssl "$1" -in "$2" -outform PEM 2>/dev/null | cmp -s - "$2" || fail "$2: form" "$2: sai dạng"; }
list_of() { # revocation list, its CA
  pem crl "$1"
  openssl crl -in "$1" -CAfile "$2" -no-CApath -no-CAstore -noout 2>&1 | grep -qx 'verify OK' || fail "$1: not signed by its CA" "$1: không do CA của nó ký"
}
revokes() { # revocation list, certificate
  openssl crl -in "$1" -noout -text | sed -n 's/^ *Serial Number: /serial=/p' | grep -qxF "$(openssl x509 -in "$2" -noout -serial)"
}
[ "$(fingerprint certificates/ca-0001.pem)" = "$(one directory/root.txt ca)" ] || fail "certificates/ca-0001.pem: not the network's root" "certificates/ca-0001.pem: không phải gốc của mạng"
list_of directory/root-crl.pem certificates/ca-0001.pem
for ca in certificates/ca-????.pem; do
  pem x509 "$ca"
  name=$(fingerprint "$ca")
  [ "$ca" = certificates/ca-0001.pem ] || grep -q "^ca $name\$\|^former-ca $name\$" directory/entry-????.txt || fail "$ca: named by no entry" "$ca: không mục nào của danh bạ nêu tên"
  printf '%s %s\n' "$name" "$ca" >>"$work/cas"
  for list in certificates/crl-"$name"-????.pem; do
    [ ! -f "$list" ] || list_of "$list" "$ca"
  done
done
for list in certificates/crl-*.pem; do
  name=${list#certificates/crl-}
  grep -q "^${name%-????.pem} " "$work/cas" || fail "$list: of a CA that is not here" "$list: của một CA không có ở đây"
done
for cert in certificates/signer-*.pem; do
  pem x509 "$cert"
  [ "certificates/signer-$(fingerprint "$cert").pem" = "$cert" ] || fail "$cert: another certificate" "$cert: là chứng thư khác"
done
good "certificates and revocation lists are what their names say" "chứng thư và danh sách thu hồi đúng như tên tệp"

office_entry() { # office: prints the file of its entry
  for each in directory/entry-????.txt; do
    { IFS= read -r first; IFS= read -r second; } <"$each"
    if [ "$first" = "lienthong 1 $net organisation" ] && [ "$second" = "code $1" ]; then
      printf '%s\n' "$each"
      return
    fi
  done
}
office_of() { printf '%s\n' "${1%%/*}"; }
subject() { openssl x509 -in "$1" -noout -subject -nameopt RFC2253 2>/dev/null; }
seconds() { date -u -d "$1" +%s 2>/dev/null; }

# ---- a signature over a tree: folder, kind of root text, text that is the leaf, signer, office whose CA counts, claimed time
check_seal() {
  label "$1/root.txt" "$2"
  place "$1/place.txt"
  [ "$(root_from "$1/place.txt" "$(leaf "$3")")" = "$(one "$1/root.txt" root)" ] || fail "$3: not under the signed root" "$3: không nằm dưới gốc đã ký"
  [ "$(one "$1/place.txt" size)" = "$(one "$1/root.txt" size)" ] || fail "$1/place.txt: size" "$1/place.txt: kích thước"

  cert=certificates/signer-$4.pem
  [ -f "$cert" ] || fail "certificate $4 is missing" "thiếu chứng thư $4"
  office=$(office_entry "$5")
  [ -n "$office" ] || fail "office $5: not in this directory" "cơ quan $5: không có trong danh bạ này"
  revoked=$(grep -l "^of [a-z]* $4\$" directory/entry-????.txt) &&
    fail "certificate $4 is revoked: see the revocation's time in $revoked" "chứng thư $4 đã bị thu hồi: xem thời điểm thu hồi trong $revoked"
  cat certificates/ca-0001.pem >"$work/trust.pem"
  while read -r name ca; do
    if [ "$ca" != certificates/ca-0001.pem ] && grep -q "^ca $name\$\|^former-ca $name\$" "$office"; then
      grep -l "^of [a-z]* $name\$" directory/entry-????.txt >/dev/null && continue
      revokes directory/root-crl.pem "$ca" && continue
      cat "$ca" >>"$work/trust.pem"
      for list in certificates/crl-"$name"-????.pem; do
        [ ! -f "$list" ] || cat "$list" >>"$work/trust.pem"
      done
    fi
  done <"$work/cas"

  at=$(one "$1/place.txt" at)
  # Compared as it is written by us: date itself reads other letters in a time too.
  number "$(word "$at" 2)" "$1/place.txt"
  [ "$at" = "$(date -u -d "@$(word "$at" 2)" +%Y-%m-%dT%H:%M:%S.000Z) $(word "$at" 2)" ] || fail "$1/place.txt: time" "$1/place.txt: thời điểm"
  claimed=$(seconds "$6") || fail "$3: time" "$3: thời điểm"
  [ -n "$claimed" ] || fail "$3: time" "$3: thời điểm"
  openssl verify -no-CApath -no-CAstore -CAfile "$work/trust.pem" -purpose any -attime "$claimed" "$cert" >/dev/null 2>&1 ||
    fail "$3: its signer's certificate was not valid then" "$3: chứng thư của người ký khi đó không có hiệu lực"
  rm -f "$work/out.pem"
  openssl cms -verify -binary -inform DER -in "$1/seal.der" -content "$1/root.txt" -certfile "$cert" \
    -CAfile "$work/trust.pem" -no-CApath -no-CAstore -cades -purpose any -crl_check -attime "$(word "$at" 2)" \
    -signer "$work/out.pem" -out "$work/content" >"$work/said" 2>&1 || fail "$1/seal.der: $(sed -n 2p "$work/said")" "$1/seal.der: chữ ký không đúng (openssl nói gì: xem dòng trên)"
  cmp -s "$work/content" "$1/root.txt" || fail "$1/seal.der: content" "$1/seal.der: nội dung"
  # Without these two, any certificate of this network would do, and a signature by nobody too.
  [ "$(grep -c 'BEGIN CERTIFICATE' "$work/out.pem")" = 1 ] && [ "$(fingerprint "$work/out.pem")" = "$4" ] || fail "$1/seal.der: signed by another" "$1/seal.der: do người khác ký"
  openssl cms -cmsout -print -inform DER -in "$1/seal.der" >"$work/form" 2>/dev/null || fail "$1/seal.der: form" "$1/seal.der: sai dạng"
  [ "$(grep -c 'd\.issuerAndSerialNumber:\|d\.subjectKeyIdentifier:' "$work/form")" = 1 ] || fail "$1/seal.der: not exactly one signer" "$1/seal.der: không phải đúng một người ký"
  # What stands around the signed attributes is not signed, and openssl tolerates other values there: we do not.
  [ "$(grep -c '^ *version: 1$' "$work/form")" = 2 ] && [ "$(grep -c 'eContentType: pkcs7-data (1\.2\.840\.113549\.1\.7\.1)' "$work/form")" = 1 ] &&
    [ "$(sed -n '/unsignedAttrs:/{n;p;}' "$work/form" | tr -d ' ')" = '<ABSENT>' ] || fail "$1/seal.der: form" "$1/seal.der: sai dạng"
  case "$(sed -n '/digestAlgorithm.*:/{n;s/.*algorithm: \([^ ]*\).*/\1/p;}' "$work/form" | tr '\n' ' ')$(sed -n '/signatureAlgorithm:/{n;s/.*algorithm: \([^ ]*\).*/\1/p;}' "$work/form")" in
    'sha256 sha256 ecdsa-with-SHA256' | 'sha384 sha384 ecdsa-with-SHA384' | 'sha256 sha256 sha256WithRSAEncryption' | 'sha256 sha256 rsassaPss') ;;
    *) fail "$1/seal.der: algorithms" "$1/seal.der: thuật toán" ;;
  esac
}

# ---- whether a certificate's subject is that of an address, or of its office
speaks_for() { # certificate's hash, address
  unit=$(office_of "$2")
  case $(subject "certificates/signer-$1.pem") in
    "subject=CN=address $2,OU=$unit,OU="*,O=Lienthong | "subject=CN=address $unit,OU=$unit,OU="*,O=Lienthong) return 0 ;;
  esac
  return 1
}

# ---- 4. core and statement
core=message/core.txt
statement=message/statement.txt
label $core core
label $statement statement
label evidence.txt evidence
id=$(one evidence.txt id)
position=$(one evidence.txt position)
receipts=$(one evidence.txt receipts)
entries=$(one evidence.txt audit)
number "$position" evidence.txt
number "$receipts" evidence.txt
number "$entries" evidence.txt
printf 'lienthong 1 %s evidence\nid %s\nposition %s\nreceipts %s\naudit %s\n' "$net" "$id" "$position" "$receipts" "$entries" |
  cmp -s - evidence.txt || fail "evidence.txt: form" "evidence.txt: sai dạng"
[ "$(nth $core id $((position + 1)))" = "$id" ] || fail "message/core.txt: not of message $id" "message/core.txt: không phải của thư $id"
[ "$(one $statement core)" = "$(hash $core)" ] || fail "message/core.txt: not the one that was sealed" "message/core.txt: không phải bản đã niêm phong"
[ "$(one message/root.txt suite)" = "$(one $core suite)" ] || fail "message/root.txt: suite" "message/root.txt: bộ thuật toán"
good "core and statement belong together" "core và statement đi với nhau"

# ---- 5. the seal
sender=$(one $core from)
signer=$(one $core signer)
check_seal message seal $statement "$signer" "$(office_of "$sender")" "$(one $core created)"
speaks_for "$signer" "$sender" || fail "certificate $signer: not that of $sender" "chứng thư $signer: không phải của $sender"
good "sealed by $sender, $(one $core created) by its own clock" "$sender niêm phong, $(one $core created) theo đồng hồ của nơi đó"
if grep -q '^flag pq-required$' $core && [ ! -f message/seal-pq.der ]; then
  fail "message/seal-pq.der: the second, post-quantum seal is required and missing" "message/seal-pq.der: thiếu niêm phong thứ hai (hậu lượng tử) bắt buộc phải có"
fi

# ---- 6. manifest and parts, where this evidence shows them
if [ -f message/manifest.txt ]; then
  label message/manifest.txt manifest
  [ "$(nth $statement manifest $((position + 1)))" = "$(hash message/manifest.txt)" ] || fail "message/manifest.txt: not the one that was sealed" "message/manifest.txt: không phải bản đã niêm phong"
  [ "$(one message/manifest.txt id)" = "$id" ] || fail "message/manifest.txt: of another message" "message/manifest.txt: của thư khác"
  good "manifest: $(one message/manifest.txt subject)" "bảng kê: $(one message/manifest.txt subject)"
  if [ -d parts ]; then
    count=$(grep -c '^bytes ' message/manifest.txt)
    part=1
    while [ "$part" -le "$count" ]; do
      said=$(nth message/manifest.txt bytes $part)
      file=parts/$(printf '%04d' $part)
      [ -f "$file" ] && [ "$(word "$said" 2)" = "$(hash "$file")" ] && [ "$(word "$said" 1)" = "$(($(wc -c <"$file")))" ] ||
        fail "$file: not the part that was sealed" "$file: không phải phần đã niêm phong"
      part=$((part + 1))
    done
    [ "$(($(find parts -type f | wc -l)))" = "$count" ] || fail "parts: more than were sealed" "parts: nhiều hơn số phần đã niêm phong"
    good "all $count parts are those that were sealed" "cả $count phần đúng là các phần đã niêm phong"
  fi
else
  good "manifest and parts are not in this evidence" "chứng cứ này không có bảng kê và các phần"
fi

# ---- 7. receipts
about="message $id $(leaf $statement) $(word "$(one $statement ciphertext)" 1)"
sealed=$(one message/root.txt root)
index=$(one message/place.txt index)
turn=1
while [ "$turn" -le "$receipts" ]; do
  folder=receipts/$(printf '%04d' $turn)
  text=$folder/receipt.txt
  label "$text" receipt
  said=$(one "$text" about)
  if [ "$said" != "$about" ]; then
    [ "$(word "$said" 1)" = sealed ] && [ "$(word "$said" 2)" = "$sealed" ] && [ "$(word "$said" 3)" = "$(one message/root.txt size)" ] &&
      [ "$(word "$said" 4)" -le "$index" ] && [ "$index" -le "$(word "$said" 5)" ] || fail "$text: about another message" "$text: nói về thư khác"
  fi
  recipient=$(one "$text" recipient)
  grep -qxF "to $recipient" $core || fail "$text: $recipient is no recipient" "$text: $recipient không phải nơi nhận"
  says=$(one "$text" says)
  by=$(one "$text" signer)
  from=$(office_of "$recipient")
  if [ "$says" = expired ]; then
    [ "$by" = "$signer" ] || fail "$text: only the sender may say expired" "$text: chỉ người gửi được nói expired"
    from=$(office_of "$sender")
  elif ! speaks_for "$by" "$recipient"; then
    entry=$(office_entry "$from")
    [ -n "$entry" ] || fail "$text: office $from is not in this directory" "$text: cơ quan $from không có trong danh bạ này"
    keeper=$(one "$entry" node)
    grep -qx "delegate $says" "$entry" && { [ "$says" = delivered ] || { [ "$says" = returned ] && [ "$(one "$text" reason)" != 2104 ]; }; } ||
      fail "$text: its signer may not say $says for $recipient" "$text: người ký không được nói $says thay $recipient"
    case $(subject "certificates/signer-$by.pem") in
      "subject=CN=node evidence $keeper,OU=$keeper,OU="*,O=Lienthong) from=$keeper ;;
      *) fail "$text: its signer does not speak for $recipient" "$text: người ký không nói thay $recipient" ;;
    esac
  fi
  check_seal "$folder" receipt-seal "$text" "$by" "$from" "$(one "$text" time)"
  time=$(one "$text" time)
  good "receipt: $recipient says $says, $time by its signer's clock" "biên nhận: $recipient nói $says, $time theo đồng hồ của người ký"
  turn=$((turn + 1))
done
[ ! -e "receipts/$(printf '%04d' $turn)" ] || fail "receipts: more than evidence.txt says" "receipts: nhiều hơn số ghi trong evidence.txt"

# ---- 8. what the exporting node's audit log says of it: a line, its place, the signed checkpoint of the log
turn=1
while [ "$turn" -le "$entries" ]; do
  folder=audit/$(printf '%04d' $turn)
  entry=$folder/entry.txt
  keeper=$(one "$folder/root.txt" node)
  by=$(one "$folder/root.txt" signer)
  [ "$(grep -c '' "$entry")" = 1 ] || fail "$entry: not one line" "$entry: không phải một dòng"
  # INDEX | TIME | KIND | MESSAGE | NUMBER | WHO | DETAIL | LINK, for the envelope's first message and with its leaf
  [ "$(tr -cd '|' <"$entry" | wc -c | tr -d ' ')" = 7 ] &&
    [ "$(cut -d '|' -f 1,4,5 "$entry")" = "$(one "$folder/place.txt" index) | $(nth $core id 1) | 0 " ] || fail "$entry: about another message" "$entry: nói về thư khác"
  case $(cut -d '|' -f 7 "$entry") in
    *" leaf $(leaf $statement) ") ;;
    *) fail "$entry: about another envelope" "$entry: nói về phong bì khác" ;;
  esac
  case $(subject "certificates/signer-$by.pem") in
    "subject=CN=node evidence $keeper,OU=$keeper,OU="*,O=Lienthong) ;;
    *) fail "$folder: not signed by node $keeper" "$folder: không do nút $keeper ký" ;;
  esac
  check_seal "$folder" audit-checkpoint "$entry" "$by" "$keeper" "$(one "$folder/root.txt" at)"
  kind=$(cut -d '|' -f 3 "$entry" | tr -d ' ')
  time=$(cut -d '|' -f 2 "$entry" | tr -d ' ')
  good "audit log of node $keeper: $kind at $time by its clock" "nhật ký kiểm toán của nút $keeper: $kind lúc $time theo đồng hồ của nút"
  # Where it stands in its sender's sequences, if the line names a text that says so: ... sequence HASH leaf HASH
  named=$(cut -d '|' -f 7 "$entry" | sed -n 's/.* sequence \([0-9a-f]\{64\}\) leaf [0-9a-f]\{64\} $/\1/p')
  if [ -n "$named" ]; then
    text=$folder/sequence.txt
    label "$text" sequence
    [ "$(hash "$text")" = "$named" ] && [ "$(one "$text" core)" = "$(hash $core)" ] || fail "$text: not the one that the log names" "$text: không phải tệp mà nhật ký nêu tên"
    values "$text" place | while read -r to life first before; do
      good "node $keeper wrote down then: number $((first + position)) to $to, life $life, after core $before" \
        "khi đó nút $keeper ghi lại: số $((first + position)) tới $to, đời $life, sau core $before"
    done
  else
    [ ! -e "$folder/sequence.txt" ] || fail "$folder/sequence.txt: named by no line" "$folder/sequence.txt: không dòng nào nêu tên"
  fi
  turn=$((turn + 1))
done
[ ! -e "audit/$(printf '%04d' $turn)" ] || fail "audit: more than evidence.txt says" "audit: nhiều hơn số ghi trong evidence.txt"

printf 'The evidence holds. / Chứng cứ đúng.\n'
