#!/usr/bin/env bash
# Makes sure that the Debian packages the build, the lab and the tests need are there. Installs what is missing where apt-get
# exists; elsewhere names what is missing and stops.
set -euo pipefail

missing=()
need() { # command-or-file, Debian package
  case "$1" in
    /*) [ -e "$1" ] || missing+=("$2") ;;
    *) command -v "$1" >/dev/null 2>&1 || missing+=("$2") ;;
  esac
}
need_library() { ldconfig -p | grep -q "$1" || missing+=("$2"); }

export PATH="$PATH:/usr/sbin:/sbin"
need clang clang
need llvm-strip llvm
need clang-format clang-format
need ip iproute2
need tc iproute2
need nsenter util-linux
need sysctl procps
need tcpdump tcpdump
need tshark tshark
need ethtool ethtool
need iperf3 iperf3
need bpftool bpftool
need ping iputils-ping
need openssl openssl
need redis-server redis-server
need dnsmasq dnsmasq-base
need /usr/include/bpf/bpf_helpers.h libbpf-dev
need /usr/include/linux/seg6.h linux-libc-dev
need /usr/include/"$(uname -m)"-linux-gnu/asm/types.h linux-libc-dev
need_library libbpf.so.1 libbpf1

# A newer compiler beside the default one, where Debian has it: the programs are tried with each.
if command -v apt-cache >/dev/null 2>&1 && apt-cache show clang-19 >/dev/null 2>&1; then need clang-19 clang-19; fi

# Prometheus and promtool are for tests only: nothing else fails without them. The package would start a service: its files are unpacked beside the build instead.
need_prometheus() {
  command -v prometheus >/dev/null 2>&1 && command -v promtool >/dev/null 2>&1 && return
  local tools; tools="$(cd "$(dirname "$0")/.." && pwd)/build/tools"
  [ -x "$tools/prometheus/usr/bin/promtool" ] && return
  if ! command -v apt-get >/dev/null 2>&1; then
    echo "prometheus and promtool are missing: tests of dashboards and alerts need them in PATH" >&2
    return
  fi
  local scratch; scratch=$(mktemp -d)
  echo "Unpacking: prometheus"
  (cd "$scratch" && { apt-get download -qq prometheus || { apt-get update -qq && apt-get download -qq prometheus; }; }) >/dev/null 2>&1 ||
    { rm -rf "$scratch"; echo "no prometheus to download: tests of dashboards and alerts need it in PATH" >&2; return; }
  # Made whole, then put in place: an interrupted run leaves nothing that looks finished.
  dpkg -x "$scratch"/prometheus_*.deb "$scratch/prometheus"
  mkdir -p "$tools" && rm -rf "$tools/prometheus" && mv "$scratch/prometheus" "$tools/"
  rm -rf "$scratch"
}

if [ ${#missing[@]} -eq 0 ]; then need_prometheus; exit; fi
packages=$(printf '%s\n' "${missing[@]}" | sort -u | tr '\n' ' ')
if ! command -v apt-get >/dev/null 2>&1; then
  echo "These Debian packages (or what your system calls them) are missing: $packages" >&2
  exit 1
fi
if [ "$(id -u)" -ne 0 ]; then
  echo "Missing: $packages" >&2
  echo "Run as root, or: sudo apt-get install $packages" >&2
  exit 1
fi
echo "Installing: $packages"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
# shellcheck disable=SC2086
# policy-rc.d is left alone: a redis-server that the package starts listens on loopback only.
apt-get install -y -qq --no-install-recommends $packages >/dev/null
need_prometheus
