# The boot of a BPA node (R18, R19, R25), run by cloud-init before nodeadm starts kubelet. Everything here may be
# interrupted and run again: each step looks at what is there first. Nothing here deletes or formats what holds data.
#
# Set above: NODE VOLUME REGION DIRECTORIES MAX_MAP_COUNT BUCKET POINTER.
# For tests: ROOT is a folder instead of /, DEVICES one instead of /dev/disk/by-id, WAIT the seconds between two looks.
# shellcheck shell=bash
set -euo pipefail
export AWS_DEFAULT_REGION=$REGION
ROOT=${ROOT:-}
DEVICES=${DEVICES:-/dev/disk/by-id}
WAIT=${WAIT:-5}
LABEL=bpa-opt
OPT=$ROOT/opt

log() { echo "bpa-boot $NODE: $*"; }
die() {
  log "FAILED: $*" >&2
  exit 1
}

# Without /opt and the package, kubelet must not start: pods would write to the root volume, which dies with the node.
gate_kubelet() {
  local dropin=$ROOT/etc/systemd/system/kubelet.service.d/10-bpa.conf
  mkdir -p "${dropin%/*}"
  printf '%s\n' '[Unit]' 'RequiresMountsFor=/opt' 'AssertPathIsMountPoint=/opt' 'AssertPathExists=/opt/bpa/.package' >"$dropin"
  systemctl daemon-reload
}

instance_id() {
  local token
  token=$(curl -sSf -m 5 --retry 5 -X PUT http://169.254.169.254/latest/api/token -H 'X-aws-ec2-metadata-token-ttl-seconds: 300')
  curl -sSf -m 5 --retry 5 -H "X-aws-ec2-metadata-token: $token" http://169.254.169.254/latest/meta-data/instance-id
}

# The volume outlives its node. The node before this one may still be going: it is terminated first, so wait for it.
attach_volume() {
  local self state owner tries
  self=$(instance_id)
  for ((tries = 0; tries < 180; tries++)); do
    read -r state owner < <(aws ec2 describe-volumes --volume-ids "$VOLUME" --output text \
      --query 'Volumes[0].[State, Attachments[0].InstanceId]') || true
    if [[ ${state:-} == in-use && ${owner:-} == "$self" ]]; then
      return
    elif [[ ${state:-} == available ]]; then
      log "attaching $VOLUME to $self"
      aws ec2 attach-volume --volume-id "$VOLUME" --instance-id "$self" --device /dev/sdf >/dev/null || true
    else
      log "waiting for $VOLUME: ${state:-unknown} ${owner:-}"
    fi
    sleep "$WAIT"
  done
  die "volume $VOLUME did not become ours: ${state:-unknown}, held by ${owner:-nobody}"
}

# Nitro names and their order change between boots; the link by volume id does not.
find_device() {
  local link=$DEVICES/nvme-Amazon_Elastic_Block_Store_${VOLUME/-/} tries
  for ((tries = 0; tries < 60; tries++)); do
    if [[ -b $link ]]; then
      DEVICE=$(readlink -f "$link")
      return
    fi
    sleep "$WAIT"
  done
  die "no device $link"
}

# Only a volume without any signature is formatted. One that has a signature and does not mount needs a person.
make_filesystem() {
  local type
  type=$(blkid -p -s TYPE -o value "$DEVICE" || true)
  if [[ -z $type && -z $(wipefs -n "$DEVICE") ]]; then
    log "making a filesystem on $DEVICE, which is empty"
    mkfs.xfs -q -L "$LABEL" "$DEVICE"
    type=xfs
  fi
  [[ $type == xfs ]] || die "$DEVICE holds ${type:-a partition table}, not the xfs of a BPA node; it was left alone"
}

# /opt of the image holds the CNI plugins, and the mount hides them: they are copied to the volume first, newer ones
# over older ones. An image's /opt is small.
mount_opt() {
  local uuid staging=$ROOT/run/bpa-opt
  mountpoint -q "$OPT" && return
  uuid=$(blkid -p -s UUID -o value "$DEVICE")
  mkdir -p "$OPT" "$staging"
  mountpoint -q "$staging" || mount "$DEVICE" "$staging" || die "$DEVICE does not mount; repair it, it was left alone"
  cp -a -u "$OPT/." "$staging/"
  sync -f "$staging"
  umount "$staging"
  touch "$ROOT/etc/fstab"
  if ! grep -q "^UUID=$uuid " "$ROOT/etc/fstab"; then
    echo "UUID=$uuid $OPT xfs defaults,nofail,x-systemd.device-timeout=300s 0 2" >>"$ROOT/etc/fstab"
  fi
  mount "$DEVICE" "$OPT"
  systemctl daemon-reload
}

make_directories() {
  local directory path
  mkdir -p "$OPT/bpa/data"
  for directory in $DIRECTORIES; do
    path=$OPT/bpa/data/$directory
    mkdir -p "$path"
    chmod 777 "$path"
  done
}

apply_sysctl() {
  mkdir -p "$ROOT/etc/sysctl.d"
  echo "vm.max_map_count = $MAX_MAP_COUNT" >"$ROOT/etc/sysctl.d/99-bpa.conf"
  sysctl -q -p "$ROOT/etc/sysctl.d/99-bpa.conf"
}

# The package follows the pointer in the bucket, at boot and then every ten minutes.
install_package() {
  local bin=$ROOT/usr/local/sbin/bpa-package units=$ROOT/etc/systemd/system tries
  mkdir -p "${bin%/*}" "$units"
  {
    printf '#!/usr/bin/env bash\nexport AWS_DEFAULT_REGION=%q\nOPT=%q BUCKET=%q POINTER=%q\n' "$REGION" "$OPT" "$BUCKET" "$POINTER"
    declare -f fetch_package
    echo fetch_package
  } >"$bin.partial"
  chmod 755 "$bin.partial"
  mv "$bin.partial" "$bin"
  printf '%s\n' '[Unit]' 'Description=Fetch the current BPA package' '[Service]' 'Type=oneshot' "ExecStart=$bin" >"$units/bpa-package.service"
  printf '%s\n' '[Timer]' 'OnBootSec=10min' 'OnUnitActiveSec=10min' 'RandomizedDelaySec=60' '[Install]' \
    'WantedBy=timers.target' >"$units/bpa-package.timer"
  systemctl daemon-reload
  systemctl enable --now bpa-package.timer
  for ((tries = 0; tries < 12; tries++)); do
    if "$bin"; then return; fi
    log "the package could not be fetched, trying again"
    sleep "$WAIT"
  done
  die "no package from s3://$BUCKET/$POINTER"
}

# shellcheck disable=SC2317 # runs from the script that install_package writes
fetch_package() {
  set -euo pipefail
  local sum key partial=$OPT/bpa/.download tree=$OPT/bpa/.unpack
  read -r sum key < <(aws s3 cp "s3://$BUCKET/$POINTER" -)
  [[ $sum =~ ^[0-9a-f]{64}$ && -n $key ]] || { echo "s3://$BUCKET/$POINTER is not a pointer" >&2; return 1; }
  if [[ -f $OPT/bpa/.package && $(<"$OPT/bpa/.package") == "$sum" ]]; then return 0; fi
  aws s3 cp --quiet "s3://$BUCKET/$key" "$partial"
  echo "$sum  $partial" | sha256sum --check --quiet
  rm -rf "$tree" && mkdir -p "$tree"
  # Data directories are the nodes' own: a package cannot bring any.
  tar -xzf "$partial" -C "$tree" --no-same-owner --exclude ./data --exclude data
  cp -a "$tree/." "$OPT/bpa/"
  rm -rf "$tree" "$partial"
  echo "$sum" >"$OPT/bpa/.package.partial"
  mv "$OPT/bpa/.package.partial" "$OPT/bpa/.package"
  echo "package $sum is in $OPT/bpa"
}

main() {
  gate_kubelet
  attach_volume
  find_device
  make_filesystem
  mount_opt
  make_directories
  apply_sysctl
  install_package
  log "ready"
}
main
