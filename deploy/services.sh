#!/bin/sh
# Installs the Debian packages whose programs the integration tests start themselves, on free ports and in temporary
# folders. Starts no system service. Where we may not install, says what is missing and leaves it to the tests to fail.
set -eu

PACKAGES="postgresql tesseract-ocr"

missing=""
for package in $PACKAGES; do
    dpkg-query --show --showformat='${Status}' "$package" 2>/dev/null | grep -q '^install ok installed$' || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "services: please install:$missing" >&2
    exit 0
fi

# Debian's hook against starting services on installation; ours goes when we are done, another's stays.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
    trap 'rm -f "$policy"' EXIT
fi
mkdir -p /etc/postgresql-common
[ -e /etc/postgresql-common/createcluster.conf ] ||
    echo "create_main_cluster = false" >/etc/postgresql-common/createcluster.conf

apt-get update -qq
# shellcheck disable=SC2086 # a list of words
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing
