# Shared by the scripts of this folder; sourced, not run.
#
# Everything that is fetched or built lives below $SLATE_CACHE, outside the tree:
#   apt/       lists and state of a private apt; the host's own are never touched
#   sources/   source tarballs and packages, as fetched
#   built/     one folder a component, named by a digest of all that went into it
#   prefix/    the same, merged into one folder of headers, libraries and programs
#   kernels/   unpacked kernel packages
#   log/       the output of every build step

deps_dir=$(cd "$(dirname "$0")" && pwd)
tree=${deps_dir%/image/deps}
cache=${SLATE_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/slate}
build=${SLATE_BUILD:-$tree/build}
case $build in /*) ;; *) build=$tree/$build ;; esac
lock=$deps_dir/sources.lock

# The machine that is built for, Debian's name of it, and what the tools of another one's
# names begin with.
arch=${SLATE_ARCH:-$(uname -m)}
case $arch in x86_64) debian_arch=amd64 ;; aarch64) debian_arch=arm64 ;; *) debian_arch=$arch ;; esac
cross=
[ "$arch" = "$(uname -m)" ] || cross=$arch-linux-gnu-

say() { echo "deps: $*" >&2; }
die() { say "$*"; exit 1; }

# The digest of standard input, short enough for a folder's name.
digest() { sha256sum | cut -c1-16; }

sha256_is() { [ -f "$2" ] && [ "$(sha256sum <"$2" | cut -c1-64)" = "$1" ]; }

# step NAME CMD...: runs CMD with its output in a log that a failure names.
step() {
	step_log=$cache/log/$1.log
	mkdir -p "$cache/log"
	shift
	"$@" >>"$step_log" 2>&1 </dev/null && return 0
	tail -n 15 "$step_log" >&2
	die "failed: $*; the whole output is in $step_log"
}

# The mirror of the host's own sources list, so that a local one is used.
mirror_of_host() {
	cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null |
		sed -n 's/^deb \(\[[^]]*\] *\)\{0,1\}\([a-z+]*:[^ ]*\/debian\/\{0,1\}\) .*/\2/p'
	sed -n 's/^URIs: *\([^ ]*\/debian\/\{0,1\}\)\( .*\)\{0,1\}$/\1/p' \
		/etc/apt/sources.list.d/*.sources 2>/dev/null
}

mirror() {
	[ -z "${SLATE_MIRROR:-}" ] || { echo "$SLATE_MIRROR"; return; }
	mirror_of_host | grep -v '^cdrom:' | head -n 1 | grep . || echo http://deb.debian.org/debian
}

keyring() {
	for key in "${SLATE_KEYRING:-}" /usr/share/keyrings/debian-archive-keyring.gpg \
		/usr/share/keyrings/debian-archive-keyring.pgp; do
		[ ! -f "$key" ] || { echo "$key"; return; }
	done
	die "no keyring of Debian's archive: install debian-archive-keyring, or set SLATE_KEYRING"
}

# apt_private SUITE TOOL ARGS...: an apt tool that knows only that suite and
# keeps its state in the cache. The host's apt.conf (proxies) still applies.
apt_private() {
	apt_conf=$cache/apt/$1${cross:+-$arch}/apt.conf apt_tool=$2
	shift 2
	"$apt_tool" -c "$apt_conf" "$@"
}

# apt_update SUITE: sets the private apt up and fetches the suite's signed index.
apt_update() {
	apt_dir=$cache/apt/$1${cross:+-$arch}
	command -v apt-get >/dev/null || die "apt-get is needed to fetch Debian's sources"
	apt_key=$(keyring)
	mkdir -p "$apt_dir/lists/partial" "$apt_dir/cache/archives/partial"
	for apt_kind in deb deb-src; do
		echo "$apt_kind [signed-by=$apt_key] $(mirror) $1 main"
	done >"$apt_dir/sources.list"
	cat >"$apt_dir/apt.conf" <<-CONF
		Dir::Etc::sourcelist "$apt_dir/sources.list";
		Dir::Etc::sourceparts "/dev/null";
		Dir::Etc::preferences "/dev/null";
		Dir::Etc::preferencesparts "/dev/null";
		Dir::State::lists "$apt_dir/lists";
		Dir::State::status "/dev/null";
		Dir::Cache "$apt_dir/cache";
		APT::Architecture "$debian_arch";
		APT::Architectures { "$debian_arch"; };
		APT::Sandbox::User "root";
		APT::Get::List-Cleanup "false";
		Acquire::Languages "none";
		Acquire::Retries "3";
		#clear APT::Update::Pre-Invoke;
		#clear APT::Update::Post-Invoke;
		#clear APT::Update::Post-Invoke-Success;
		#clear DPkg::Post-Invoke;
	CONF
	say "fetching the package index of $1 ($debian_arch) from $(mirror)"
	step "apt-$1-$arch" apt-get -c "$apt_dir/apt.conf" -q update
}
